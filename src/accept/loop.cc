#include "loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include <event2/event.h>

#include "log.h"

namespace spoa::accept {
namespace {

/// libevent's C callback for a std::function<void()>.
void call(evutil_socket_t /*fd*/, short /*what*/, void* function) {
  (*static_cast<std::function<void()>*>(function))();
}

/// What libevent has to say goes where everything goes, and as seldom.
void log_libevent(int severity, const char* message) {
  static log::RateLimit limit;
  std::uint64_t suppressed = 0;
  if (severity < EVENT_LOG_WARN || !limit.allow(suppressed)) return;
  log::warn("libevent", {{"suppressed", suppressed}}, message);
}

[[noreturn]] void die(const char* what) {
  log::error("no-resources", {{"what", what}},
             "the system gave none; cannot run without");
  std::abort();
}

}  // namespace

void FreeEvent::operator()(event* e) const noexcept { event_free(e); }

Loop::Loop() : base_((event_set_log_callback(log_libevent), event_base_new())) {
  if (base_ == nullptr) die("event loop");
}
Loop::~Loop() { event_base_free(base_); }

void Loop::run() { event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY); }
void Loop::stop() { event_base_loopbreak(base_); }

Timer::Timer(Loop& loop, std::function<void()> callback)
    : callback_(std::move(callback)),
      event_(evtimer_new(loop.base(), call, &callback_)) {}

void Timer::start(std::chrono::microseconds delay) {
  const auto us = delay.count() > 0 ? delay.count() : 0;
  const timeval wait{us / 1'000'000, us % 1'000'000};
  evtimer_add(event_.get(), &wait);
}
void Timer::stop() { evtimer_del(event_.get()); }

SignalHandler::SignalHandler(Loop& loop, int signal, std::function<void()> callback)
    : callback_(std::move(callback)),
      event_(evsignal_new(loop.base(), signal, call, &callback_)) {
  evsignal_add(event_.get(), nullptr);
}

Wakeup::Wakeup(Loop& loop, std::function<void()> callback)
    : callback_(std::move(callback)), fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) die("eventfd");
  const auto on_ready = [](evutil_socket_t fd, short, void* self) {
    std::uint64_t wakes = 0;
    // Emptied before the callback: a wake during it fires again and is not lost.
    if (::read(fd, &wakes, sizeof wakes) < 0) return;
    static_cast<Wakeup*>(self)->callback_();
  };
  event_.reset(event_new(loop.base(), fd_, EV_READ | EV_PERSIST, on_ready, this));
  event_add(event_.get(), nullptr);
}

Wakeup::~Wakeup() {
  event_.reset();
  ::close(fd_);
}

void Wakeup::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when 2^64-1 wakes wait already, and then the callback runs anyway.
  [[maybe_unused]] const ssize_t n = ::write(fd_, &one, sizeof one);
}

}  // namespace spoa::accept
