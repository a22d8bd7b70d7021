// Counts of durations, from which percentiles are read.
#pragma once

#include <cstdint>
#include <vector>

namespace spoa::bench {

/// Microseconds in buckets whose width grows with the value: whatever the percentile, it
/// is at most 1/128 above the true one, and never below it. Takes some kilobytes, however
/// many values there are.
class Histogram {
 public:
  void record(std::uint64_t us);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Exact. 0 when empty.
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// The least value that `percent` of all values do not exceed (nearest rank).
  /// percent  above 0, up to 100. Returns 0 when empty.
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace spoa::bench
