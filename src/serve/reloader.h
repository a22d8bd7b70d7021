// Loads the next generation beside the traffic.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

#include "accept/loop.h"
#include "accept/mailbox.h"
#include "loaded.h"

namespace spoa::serve {

/// One reload after the other, each on a thread of its own. Loop thread only.
class Reloader {
 public:
  /// Counts the reloads, from 1.
  using Run = std::uint64_t;

  struct Parts {
    accept::Loop& loop;
    /// Loads generation `number`, on the reload's thread. Throws nothing.
    std::function<LoadResult(std::uint64_t number)> load;
    std::function<void(Run)> begun;
    /// It takes longer than `patience`. It goes on: a load cannot be interrupted.
    std::function<void(Run)> hangs;
    std::function<void(Run, LoadResult&&)> ended;
    std::chrono::milliseconds patience;
  };
  explicit Reloader(Parts parts);
  /// Waits for a reload under way.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Returns the reload that reads what is in the files now. While one is under way that
  /// is the next one, which begins after it, once, however often this is called.
  Run begin();

  /// None begins any more; the one under way ends in its time.
  void stop() noexcept { stopping_ = true; }

  [[nodiscard]] bool busy() const noexcept { return running_; }
  /// Since the reload under way began; 0: there is none.
  [[nodiscard]] std::chrono::microseconds running_for() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void start();
  void work(std::uint64_t number);
  void end(LoadResult&& result);

  const Parts parts_;
  accept::Mailbox<LoadResult> mailbox_;
  accept::Timer patience_;
  std::thread thread_;
  Run run_ = 0;
  std::uint64_t number_ = 1;  // of the newest generation; the start's is 1
  bool running_ = false;
  bool again_ = false;
  bool stopping_ = false;
  Clock::time_point began_;
};

}  // namespace spoa::serve
