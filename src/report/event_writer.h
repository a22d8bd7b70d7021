// Writes events beside the traffic: the loop thread hands them over and goes on.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "event.h"
#include "event_file.h"
#include "log.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::report {

/// One thread, one bounded queue, one file. Events are written in the order they came,
/// each as soon as the thread gets to it; what does not fit, or cannot be written, is
/// counted.
class EventWriter {
 public:
  /// What may wait to be written. An event weighs what it keeps alive, its request above
  /// all.
  struct Limits {
    std::size_t events = 8192;
    std::size_t bytes = 64UL * 1024 * 1024;
  };

  /// `target` is a file, "-" for standard output, or "none". The file is created now. The
  /// Problem has no place in a file: that is the caller's to fill in.
  static Result<std::unique_ptr<EventWriter>, Problem> open(const std::string& target,
                                                            Limits limits);
  static Result<std::unique_ptr<EventWriter>, Problem> open(const std::string& target) {
    return open(target, Limits{});
  }

  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;
  /// Closes, with two seconds of patience.
  ~EventWriter();

  /// Loop thread. Never waits for the file: a full queue drops the event.
  void write(Event&& event);

  /// Loop thread. Has the file opened anew, after it was moved away; events that still
  /// wait go to the new one. When that fails the old one stays, and the log says why.
  void reopen();

  /// Loop thread, once. Writes what waits, for as long as `patience` allows, then stops
  /// the thread; what is left counts as dropped. Later events are dropped, too.
  void close(std::chrono::milliseconds patience);

  /// Events lost since the start: the queue was full, or writing failed. Any thread.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return overflowed_.load(std::memory_order_relaxed) +
           failed_.load(std::memory_order_relaxed);
  }

 private:
  EventWriter(std::string target, Limits limits)
      : target_(std::move(target)), limits_(limits) {}

  // Writer thread.
  void run();
  void write_batch(std::vector<Event>& batch);
  void write_one(const Event& event);
  void reopen_file();
  void report_overflow();
  [[nodiscard]] bool may_wait() const noexcept;

  const std::string target_;
  const Limits limits_;
  std::unique_ptr<EventFile> file_;  ///< writer thread once it runs; null for "none"

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Event> queue_;  ///< guarded by mutex_, as are the next two
  bool reopen_ = false;
  bool stop_ = false;

  // Raised by the loop thread, lowered by the writer's: what waits or is being written.
  std::atomic<std::size_t> held_events_{0};
  std::atomic<std::size_t> held_bytes_{0};
  std::atomic<std::int64_t> give_up_at_ms_;  ///< steady clock
  std::atomic<std::uint64_t> overflowed_{0};
  std::atomic<std::uint64_t> failed_{0};

  std::uint64_t reported_overflow_ = 0;  ///< writer thread
  log::RateLimit failure_log_;
  log::RateLimit overflow_log_;
  std::thread thread_;
};

}  // namespace spoa::report
