// Where generations of the rules end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "generation.h"

namespace spoa::serve {

/// Frees generations on a thread of its own: the Core Rule Set takes 10 to 40 ms, in
/// which the loop would answer nobody. The memory then goes back to the system.
class Graveyard {
 public:
  Graveyard();
  /// Frees what waits, and joins. Must outlive every generation it was given.
  ~Graveyard();
  Graveyard(const Graveyard&) = delete;
  Graveyard& operator=(const Graveyard&) = delete;

  /// Loop thread. The last holder, on whatever thread, sends it here.
  std::shared_ptr<const Generation> adopt(std::unique_ptr<const Generation> generation);

  /// Any thread. Generations that were adopted and are not yet freed.
  [[nodiscard]] std::size_t live() const noexcept {
    return live_.load(std::memory_order_relaxed);
  }

 private:
  using Dead = std::vector<std::unique_ptr<const Generation>>;

  void bury(std::unique_ptr<const Generation> generation) noexcept;
  void dig();
  void free_all(Dead dead);

  std::atomic<std::size_t> live_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  Dead dead_;             // guarded by mutex_
  bool closing_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace spoa::serve
