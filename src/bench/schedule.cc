#include "schedule.h"

#include <cmath>

namespace spoa::bench {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

Schedule::Schedule(const std::vector<RatePhase>& phases, Arrivals arrivals,
                   std::chrono::milliseconds warmup)
    : arrivals_(arrivals) {
  Nanoseconds begin{0};
  const auto add = [&](std::chrono::milliseconds length, std::uint32_t rate, int phase) {
    stretches_.push_back({begin, begin + length, rate, phase});
    begin += length;
  };
  if (warmup.count() > 0) add(warmup, phases.front().per_second, kWarmup);
  int phase = 0;
  for (const RatePhase& one : phases) add(one.length, one.per_second, phase++);
  at_ = stretches_.front().begin;
}

/// From the latest request of the stretch to the next one.
Nanoseconds Schedule::gap(const Stretch& stretch) {
  const double rate = stretch.per_second;
  if (arrivals_ == Arrivals::kEven) {
    // From the beginning, so that rounding does not add up.
    const double offset = static_cast<double>(sent_) * kNanosecondsPerSecond / rate;
    return stretch.begin + Nanoseconds(std::llround(offset)) - at_;
  }
  std::exponential_distribution<double> wait(rate / kNanosecondsPerSecond);
  return Nanoseconds(std::llround(wait(random_)));
}

std::optional<Due> Schedule::next() {
  while (current_ < stretches_.size()) {
    const Stretch& stretch = stretches_[current_];
    if (stretch.per_second > 0) {
      const Nanoseconds at = at_ + gap(stretch);
      if (at < stretch.end) {
        at_ = at;
        ++sent_;
        return Due{at, stretch.phase};
      }
    }
    // Arrivals at random have no memory: the next stretch begins with its own rate.
    at_ = stretch.end;
    sent_ = 0;
    ++current_;
  }
  return std::nullopt;
}

}  // namespace spoa::bench
