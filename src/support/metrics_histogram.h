// A histogram of durations with fixed buckets.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spoa {

/// One thread. Observing costs a search in 16 numbers, and no memory.
class DurationHistogram {
 public:
  struct Bound {
    std::int64_t us;         ///< the bucket holds durations up to this, and this itself
    std::string_view label;  ///< the same in seconds
  };
  static constexpr std::array<Bound, 16> kBounds{{
      {100, "0.0001"},
      {250, "0.00025"},
      {500, "0.0005"},
      {1000, "0.001"},
      {2500, "0.0025"},
      {5000, "0.005"},
      {10000, "0.01"},
      {25000, "0.025"},
      {50000, "0.05"},
      {100000, "0.1"},
      {250000, "0.25"},
      {500000, "0.5"},
      {1000000, "1"},
      {2500000, "2.5"},
      {5000000, "5"},
      {10000000, "10"},
  }};

  /// A negative duration counts as none.
  void observe(std::chrono::microseconds duration) noexcept {
    const std::int64_t us = std::max<std::int64_t>(duration.count(), 0);
    const auto* bound = std::find_if(kBounds.begin(), kBounds.end(),
                                     [us](const Bound& b) { return us <= b.us; });
    ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
    sum_us_ += static_cast<std::uint64_t>(us);
  }

  /// Per bucket, not cumulative; the last one has no bound.
  [[nodiscard]] const auto& counts() const noexcept { return counts_; }
  [[nodiscard]] std::uint64_t sum_us() const noexcept { return sum_us_; }

 private:
  std::array<std::uint64_t, kBounds.size() + 1> counts_{};
  std::uint64_t sum_us_ = 0;
};

}  // namespace spoa
