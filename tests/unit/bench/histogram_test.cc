#include "histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace spoa::bench {
namespace {

/// The nearest rank in a sorted list: what a percentile is.
std::uint64_t oracle(const std::vector<std::uint64_t>& sorted, double percent) {
  const double exact = std::ceil(static_cast<double>(sorted.size()) * percent / 100);
  const auto rank = std::max<std::size_t>(1, static_cast<std::size_t>(exact));
  return sorted[rank - 1];
}

void expect_like_the_oracle(std::vector<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.max(), values.back());
  for (const double percent : {0.001, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const std::uint64_t truth = oracle(values, percent);
    const std::uint64_t told = histogram.percentile(percent);
    EXPECT_GE(told, truth) << percent;
    EXPECT_LE(told, truth + truth / 128) << percent;
  }
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (std::uint64_t us = 1; us <= 200; ++us) histogram.record(us);
  EXPECT_EQ(histogram.percentile(50), 100U);
  EXPECT_EQ(histogram.percentile(99), 198U);
  EXPECT_EQ(histogram.percentile(100), 200U);
}

TEST(Histogram, FollowsASortedListWhateverTheDistribution) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> even, tail, two;
  std::lognormal_distribution<double> lognormal(8, 2);
  for (int i = 0; i < 20'000; ++i) {
    even.push_back(random() % 1'000'000);
    tail.push_back(static_cast<std::uint64_t>(lognormal(random)));
    two.push_back(i % 100 == 0 ? 400'000 + random() % 5'000 : 300 + random() % 50);
  }
  expect_like_the_oracle(even);
  expect_like_the_oracle(tail);
  expect_like_the_oracle(two);
}

// Each end of a bucket: the values where the widths double.
TEST(Histogram, KeepsItsPrecisionAtEveryDoubling) {
  for (unsigned bits = 0; bits < 40; ++bits) {
    const std::uint64_t power = std::uint64_t{1} << bits;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      // A larger one beside it, so that the maximum does not hide the bucket.
      expect_like_the_oracle({value, value, value, 2 * value + 1});
    }
  }
}

TEST(Histogram, TellsNothingWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.percentile(50), 0U);
}

TEST(Histogram, TellsASingleValueAtEveryPercentile) {
  Histogram histogram;
  histogram.record(123'457);
  for (const double percent : {0.1, 50.0, 100.0}) {
    EXPECT_EQ(histogram.percentile(percent), 123'457U);
  }
}

}  // namespace
}  // namespace spoa::bench
