// Waits for sockets, for a time, and for the signals that end a run early.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace spoa::bench {

/// One per process: it takes SIGINT and SIGTERM for itself while it lives.
class Poller {
 public:
  using Clock = std::chrono::steady_clock;

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// False, with errno: the system has no more descriptors.
  [[nodiscard]] bool good() const noexcept;

  /// Edges only. A descriptor that is closed needs no word.
  bool add(int fd, std::uint32_t number);

  struct Event {
    std::uint32_t number;
    bool readable;
    bool writable;
  };
  /// What has happened, at the latest at `until`; it may be none. Valid until the next
  /// call.
  std::span<const Event> wait(Clock::time_point until);

  /// SIGINT and SIGTERM so far.
  [[nodiscard]] unsigned signals() const noexcept { return signals_; }

 private:
  void set_timer(Clock::time_point until);
  void take_signals();

  int epoll_;
  int timer_;
  int signal_;
  unsigned signals_ = 0;
  Clock::time_point set_to_{};
  std::array<epoll_event, 256> raw_;
  std::array<Event, 256> events_;
};

}  // namespace spoa::bench
