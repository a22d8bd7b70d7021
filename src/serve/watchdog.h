// Watches over the workers: one that does not come back is named, and replaced.
#pragma once

#include <chrono>
#include <functional>

#include "accept/loop.h"
#include "inspect/worker_pool.h"
#include "metrics.h"

namespace spoa::serve {

/// Loop thread only.
class Watchdog {
 public:
  /// A worker that has been at one message for longer than `limit` hangs. `lost` is
  /// called when for ten times as long no worker has taken part: nothing is inspected any
  /// more, and only a new process helps.
  Watchdog(accept::Loop& loop, Metrics& metrics, inspect::WorkerPool& workers,
           std::chrono::milliseconds limit, std::function<void()> lost);

 private:
  using Clock = std::chrono::steady_clock;

  void look();
  void report(const inspect::Hung& hung);

  Metrics& metrics_;
  inspect::WorkerPool& workers_;
  const std::chrono::milliseconds limit_;
  std::function<void()> lost_;
  Clock::time_point last_seen_ = Clock::now();  // a worker that takes part
  accept::Timer timer_;
};

}  // namespace spoa::serve
