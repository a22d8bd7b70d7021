// How far a worker is with one request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace spoa::inspect {

/// Written by the worker, but for what gives up; read by any thread.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// Worker: begins. False: the request was answered while it waited.
  bool begin() noexcept {
    begun_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    State waiting = State::kWaiting;
    return state_.compare_exchange_strong(waiting, State::kBegun);
  }
  void enter_phase(int phase) noexcept { phase_.store(phase, std::memory_order_relaxed); }

  /// Loop thread: if no worker has begun, none is to. False: one has.
  bool give_up_waiting() noexcept {
    State waiting = State::kWaiting;
    return state_.compare_exchange_strong(waiting, State::kGivenUp);
  }
  /// Loop thread: no answer is wanted any more.
  void give_up() noexcept { state_.store(State::kGivenUp); }

  [[nodiscard]] bool given_up() const noexcept {
    return state_.load() == State::kGivenUp;
  }
  /// 0: no rule has run yet.
  [[nodiscard]] int phase() const noexcept {
    return phase_.load(std::memory_order_relaxed);
  }
  /// Only once a worker has begun.
  [[nodiscard]] Clock::time_point begun() const noexcept {
    return Clock::time_point(Clock::duration(begun_.load(std::memory_order_relaxed)));
  }

 private:
  enum class State : std::uint8_t { kWaiting, kBegun, kGivenUp };

  std::atomic<State> state_{State::kWaiting};
  std::atomic<Clock::rep> begun_{0};  // written before state_ becomes kBegun
  std::atomic<int> phase_{0};
};

}  // namespace spoa::inspect
