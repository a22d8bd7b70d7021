// Values from other threads to the loop thread.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "loop.h"

namespace spoa::accept {

/// Any thread posts; the loop thread is handed all that waits, in order of posting. One
/// wake-up serves everything posted until the loop comes round.
template <typename T>
class Mailbox {
 public:
  Mailbox(Loop& loop, std::function<void(T&&)> receive)
      : receive_(std::move(receive)), wakeup_(loop, [this] { deliver(); }) {}

  /// Any thread. The value is delivered exactly once, unless the loop ends before.
  void post(T value) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = waiting_.empty();
      waiting_.push_back(std::move(value));
    }
    if (first) wakeup_.wake();
  }

  /// Loop thread. Delivers what waits now, without waiting for the wake-up.
  void deliver() {
    {
      const std::lock_guard lock(mutex_);
      batch_.swap(waiting_);
    }
    for (T& value : batch_) receive_(std::move(value));
    batch_.clear();
  }

 private:
  std::function<void(T&&)> receive_;
  std::mutex mutex_;
  std::vector<T> waiting_;  // guarded by mutex_
  std::vector<T> batch_;    // loop thread: keeps its capacity from batch to batch
  Wakeup wakeup_;
};

}  // namespace spoa::accept
