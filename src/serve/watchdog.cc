#include "watchdog.h"

#include <algorithm>
#include <utility>

#include "log.h"

namespace spoa::serve {
namespace {

constexpr int kPatience = 10;  // limits without a worker

/// Often enough that a hung worker is missed for little longer than the limit.
std::chrono::milliseconds interval(std::chrono::milliseconds limit) {
  return std::clamp(limit / 4, std::chrono::milliseconds(10),
                    std::chrono::milliseconds(1000));
}

}  // namespace

Watchdog::Watchdog(accept::Loop& loop, Metrics& metrics, inspect::WorkerPool& workers,
                   std::chrono::milliseconds limit, std::function<void()> lost)
    : metrics_(metrics),
      workers_(workers),
      limit_(limit),
      lost_(std::move(lost)),
      timer_(loop, [this] { look(); }) {
  timer_.start(interval(limit_));
}

void Watchdog::look() {
  for (const inspect::Hung& hung : workers_.replace_hung(limit_)) report(hung);
  const auto now = Clock::now();
  if (workers_.workers() > 0) last_seen_ = now;
  if (now - last_seen_ > kPatience * limit_) {
    log::error("workers-lost", {{"hung", workers_.hung()}},
               "every worker hangs, and those that replaced them: ending with status 1, "
               "for whoever starts it anew");
    lost_();
    return;
  }
  timer_.start(interval(limit_));
}

void Watchdog::report(const inspect::Hung& hung) {
  metrics_.app(hung.application).count_hang();
  log::error("worker-hung",
             {{"worker", hung.worker},
              {"id", hung.message->id},
              {"app", hung.application},
              {"phase", hung.phase},
              {"age_ms", hung.age.count()},
              {"hung", workers_.hung()},
              {"workers", workers_.workers()}},
             "the request was answered in time, by on-timeout; another worker takes its "
             "place. Which rule takes for ever?");
}

}  // namespace spoa::serve
