// The event loop and what fires on it: timers, signals, wake-ups from other threads.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

struct event;
struct event_base;

namespace spoa::accept {

struct FreeEvent {
  void operator()(event* e) const noexcept;
};
using EventPtr = std::unique_ptr<event, FreeEvent>;

/// One thread's event loop. Everything but Wakeup::wake is for that thread alone.
class Loop {
 public:
  /// Aborts when the system gives no epoll instance: there is nothing to run on.
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop().
  void run();
  /// Ends run() after the callback that calls it.
  void stop();

  [[nodiscard]] event_base* base() const noexcept { return base_; }

 private:
  event_base* base_;
};

/// Calls back once, some time after start(). Destroying or stopping it cancels.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// (Re)arms: fires `delay` from now, an earlier start is forgotten.
  void start(std::chrono::microseconds delay);
  void stop();

 private:
  std::function<void()> callback_;
  EventPtr event_;
};

/// Calls back on the loop thread whenever the process gets the signal.
class SignalHandler {
 public:
  SignalHandler(Loop& loop, int signal, std::function<void()> callback);
  SignalHandler(const SignalHandler&) = delete;
  SignalHandler& operator=(const SignalHandler&) = delete;

 private:
  std::function<void()> callback_;
  EventPtr event_;
};

/// Lets any thread have a callback run on the loop thread. Wakes that arrive before the
/// callback runs are one.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> callback);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Any thread.
  void wake() noexcept;

 private:
  std::function<void()> callback_;
  int fd_;
  EventPtr event_;
};

}  // namespace spoa::accept
