// How far a worker is with one request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace spoa::inspect {

/// Written by the worker, but for give_up(); read by any thread.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// Worker: begins. False: the request was answered while it waited.
  bool begin() noexcept {
    begun_.store(Clock::now().time_since_epoch().count());
    return !given_up_.load();
  }
  void enter_phase(int phase) noexcept { phase_.store(phase, std::memory_order_relaxed); }

  /// Loop thread: no answer is wanted any more. True: no worker had begun.
  bool give_up() noexcept {
    given_up_.store(true);
    return begun_.load() == 0;
  }

  [[nodiscard]] bool given_up() const noexcept { return given_up_.load(); }
  /// 0: no rule has run yet.
  [[nodiscard]] int phase() const noexcept {
    return phase_.load(std::memory_order_relaxed);
  }
  /// Only once a worker has begun.
  [[nodiscard]] Clock::time_point begun() const noexcept {
    return Clock::time_point(Clock::duration(begun_.load()));
  }

 private:
  std::atomic<Clock::rep> begun_{0};
  std::atomic<int> phase_{0};
  std::atomic<bool> given_up_{false};
};

}  // namespace spoa::inspect
