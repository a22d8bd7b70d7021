#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace spoa::bench {
namespace {

// Buckets of width 1 up to 256; then 128 buckets for every doubling.
constexpr unsigned kExactBits = 8;
constexpr std::uint64_t kPerDoubling = 1U << (kExactBits - 1);

std::size_t bucket_of(std::uint64_t us) noexcept {
  const unsigned width = static_cast<unsigned>(std::bit_width(us));
  const unsigned shift = width > kExactBits ? width - kExactBits : 0;
  return shift * kPerDoubling + (us >> shift);
}

/// The largest value that falls into the bucket.
std::uint64_t top_of(std::size_t bucket) noexcept {
  if (bucket < 2 * kPerDoubling) return bucket;
  const std::uint64_t shift = bucket / kPerDoubling - 1;
  return ((bucket - shift * kPerDoubling + 1) << shift) - 1;
}

}  // namespace

void Histogram::record(std::uint64_t us) {
  const std::size_t bucket = bucket_of(us);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, us);
}

std::uint64_t Histogram::percentile(double percent) const noexcept {
  const double exact = std::ceil(static_cast<double>(count_) * percent / 100);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(top_of(i), max_);
  }
  return max_;
}

}  // namespace spoa::bench
