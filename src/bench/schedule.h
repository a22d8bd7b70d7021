// When the requests of an open loop are due. Knows nothing of clocks or answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "spoa/bench_settings.h"

namespace spoa::bench {

using Nanoseconds = std::chrono::nanoseconds;

/// One request, and which phase it belongs to.
struct Due {
  Nanoseconds at{0};  ///< from the beginning of the warm-up
  int phase = 0;      ///< index into the phases; kWarmup
};
inline constexpr int kWarmup = -1;

/// The same arguments give the same schedule.
class Schedule {
 public:
  /// warmup  comes first, at the rate of the first phase.
  Schedule(const std::vector<RatePhase>& phases, Arrivals arrivals,
           std::chrono::milliseconds warmup);

  /// In order of time; nothing after the last phase.
  std::optional<Due> next();

  /// Where the last phase ends.
  [[nodiscard]] Nanoseconds end() const noexcept { return stretches_.back().end; }

 private:
  struct Stretch {
    Nanoseconds begin;
    Nanoseconds end;
    std::uint32_t per_second;
    int phase;
  };

  [[nodiscard]] Nanoseconds gap(const Stretch& stretch);

  Arrivals arrivals_;
  std::vector<Stretch> stretches_;
  std::size_t current_ = 0;
  std::uint64_t sent_ = 0;  ///< of the current stretch
  Nanoseconds at_{0};       ///< the latest of the current stretch; its begin at first
  std::mt19937_64 random_{20171123};
};

}  // namespace spoa::bench
