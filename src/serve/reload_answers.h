// Those who asked for a reload over HTTP, and what they are told.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

#include "accept/http_server.h"
#include "accept/loop.h"
#include "generation.h"
#include "reloader.h"
#include "settings/reload.h"
#include "spoa/settings.h"

namespace spoa::serve {

/// Answers of POST /reload, as JSON.
accept::HttpAnswer reloaded_answer(
    const Generation& generation,
    const std::vector<settings::NeedsRestart>& needs_restart);
accept::HttpAnswer refused_answer(const Generation& in_force,
                                  const std::vector<Problem>& errors);
accept::HttpAnswer draining_answer();

/// Each waits for one reload, at most `patience`; then it is answered 504 while the
/// reload goes on. Loop thread only.
class ReloadAnswers {
 public:
  ReloadAnswers(accept::Loop& loop, std::chrono::milliseconds patience);

  /// Waits for the end of that reload. Above a number that no operator needs it is
  /// answered 503 at once.
  void add(Reloader::Run run, accept::HttpReply reply);
  /// Answers all who waited for that reload.
  void end(Reloader::Run run, const accept::HttpAnswer& answer);
  /// Answers all.
  void end_all(const accept::HttpAnswer& answer);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiter {
    Reloader::Run run = 0;
    Clock::time_point due;
    accept::HttpReply reply;
  };

  void expire();
  void arm();

  const std::chrono::milliseconds patience_;
  std::deque<Waiter> waiters_;  // in the order they came, hence of run and due
  accept::Timer timer_;
};

}  // namespace spoa::serve
