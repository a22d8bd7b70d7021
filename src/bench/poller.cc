#include "poller.h"

#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <limits>

namespace spoa::bench {
namespace {

constexpr std::uint32_t kTimer = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kSignal = kTimer - 1;

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

// A timer of its own, because epoll_wait counts in milliseconds: too coarse to send
// thousands of requests a second each in its time.
Poller::Poller()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  const sigset_t set = our_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signal_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (good()) {
    add(timer_, kTimer);
    add(signal_, kSignal);
  }
}

Poller::~Poller() {
  for (const int fd : {epoll_, timer_, signal_}) {
    if (fd >= 0) ::close(fd);
  }
  const sigset_t set = our_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

bool Poller::good() const noexcept { return epoll_ >= 0 && timer_ >= 0 && signal_ >= 0; }

bool Poller::add(int fd, std::uint32_t number) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u32 = number;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::set_timer(Clock::time_point until) {
  if (until == set_to_) return;
  set_to_ = until;
  // A time of 0 would switch the timer off.
  const auto left = std::max<std::int64_t>(1, until.time_since_epoch().count());
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  itimerspec spec{};
  spec.it_value = {left / kPerSecond, left % kPerSecond};
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

std::span<const Poller::Event> Poller::wait(Clock::time_point until) {
  const bool over = until <= Clock::now();
  if (!over) set_timer(until);
  const int got =
      ::epoll_wait(epoll_, raw_.data(), static_cast<int>(raw_.size()), over ? 0 : -1);
  std::size_t count = 0;
  for (int i = 0; i < got; ++i) {
    const epoll_event& raw = raw_[static_cast<std::size_t>(i)];
    const std::uint32_t number = raw.data.u32;
    if (number == kSignal) take_signals();
    if (number == kTimer || number == kSignal) continue;
    events_[count++] = {number, (raw.events & ~std::uint32_t{EPOLLOUT}) != 0,
                        (raw.events & EPOLLOUT) != 0};
  }
  return std::span(events_).first(count);
}

void Poller::take_signals() {
  signalfd_siginfo info{};
  while (::read(signal_, &info, sizeof info) == sizeof info) ++signals_;
}

}  // namespace spoa::bench
