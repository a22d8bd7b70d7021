#include "schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spoa::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Due> all_of(Schedule schedule) {
  std::vector<Due> all;
  while (const auto due = schedule.next()) all.push_back(*due);
  return all;
}

std::size_t count_of(const std::vector<Due>& all, int phase) {
  std::size_t count = 0;
  for (const Due& due : all) count += due.phase == phase ? 1U : 0U;
  return count;
}

TEST(Schedule, SpacesEvenlyFromTheBeginning) {
  const auto all = all_of({{{100, seconds(1)}}, Arrivals::kEven, milliseconds(0)});
  ASSERT_EQ(all.size(), 100U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].at, milliseconds(10) * i);
    EXPECT_EQ(all[i].phase, 0);
  }
}

// 3 a second are 333333333.3 ns apart: added up, the error would grow to a third of a
// microsecond in a thousand.
TEST(Schedule, DoesNotAddUpRounding) {
  const auto all = all_of({{{3, seconds(1000)}}, Arrivals::kEven, milliseconds(0)});
  ASSERT_EQ(all.size(), 3000U);
  EXPECT_EQ(all[2700].at, seconds(900));
}

TEST(Schedule, ChangesItsRateWhereAPhaseEnds) {
  const Schedule schedule({{10, seconds(2)}, {1000, seconds(1)}, {10, seconds(1)}},
                          Arrivals::kEven, milliseconds(0));
  EXPECT_EQ(schedule.end(), seconds(4));
  const auto all = all_of(schedule);
  EXPECT_EQ(count_of(all, 0), 20U);
  EXPECT_EQ(count_of(all, 1), 1000U);
  EXPECT_EQ(count_of(all, 2), 10U);
  EXPECT_EQ(all[20].at, seconds(2));
  EXPECT_EQ(all[1020].at, seconds(3));
}

TEST(Schedule, PausesAtARateOfZero) {
  for (const Arrivals arrivals : {Arrivals::kEven, Arrivals::kPoisson}) {
    const auto all = all_of({{{50, seconds(1)}, {0, seconds(5)}, {50, seconds(1)}},
                             arrivals,
                             milliseconds(0)});
    EXPECT_EQ(count_of(all, 1), 0U);
    EXPECT_GT(count_of(all, 2), 0U);
    EXPECT_GE(all.back().at, seconds(6));
  }
}

TEST(Schedule, WarmsUpAtTheFirstRate) {
  const Schedule schedule({{100, seconds(1)}, {1, seconds(1)}}, Arrivals::kEven,
                          milliseconds(500));
  EXPECT_EQ(schedule.end(), milliseconds(2500));
  const auto all = all_of(schedule);
  EXPECT_EQ(count_of(all, kWarmup), 50U);
  EXPECT_EQ(all.front().phase, kWarmup);
  EXPECT_EQ(all[50].at, milliseconds(500));
  EXPECT_EQ(all[50].phase, 0);
}

TEST(Schedule, ComesAtRandomWithTheRateAsMean) {
  const auto all = all_of({{{1000, seconds(100)}}, Arrivals::kPoisson, milliseconds(0)});
  // 100,000 are expected; the deviation of a Poisson count is the root of its mean.
  EXPECT_NEAR(static_cast<double>(all.size()), 100'000, 5 * std::sqrt(100'000));
  // Gaps of an exponential distribution: as long on average as they deviate, and e to the
  // minus first of them longer than the average.
  double sum = 0, squares = 0;
  std::size_t longer = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const double gap =
        std::chrono::duration<double, std::milli>(all[i].at - all[i - 1].at).count();
    ASSERT_GE(gap, 0);
    sum += gap;
    squares += gap * gap;
    longer += gap > 1 ? 1U : 0U;
  }
  const auto gaps = static_cast<double>(all.size() - 1);
  const double mean = sum / gaps;
  EXPECT_NEAR(mean, 1.0, 0.02);
  EXPECT_NEAR(std::sqrt(squares / gaps - mean * mean), 1.0, 0.02);
  EXPECT_NEAR(static_cast<double>(longer) / gaps, std::exp(-1), 0.01);
}

TEST(Schedule, KeepsEveryRequestWithinItsPhase) {
  const std::vector<RatePhase> phases{
      {700, milliseconds(300)}, {5000, milliseconds(200)}, {70, milliseconds(500)}};
  const std::vector<milliseconds> ends{milliseconds(300), milliseconds(500),
                                       milliseconds(1000)};
  Nanoseconds latest{0};
  for (const Due& due : all_of({phases, Arrivals::kPoisson, milliseconds(0)})) {
    const auto phase = static_cast<std::size_t>(due.phase);
    EXPECT_LT(due.at, ends[phase]);
    EXPECT_GE(due.at, phase == 0 ? milliseconds(0) : ends[phase - 1]);
    EXPECT_GE(due.at, latest);
    latest = due.at;
  }
  EXPECT_GT(latest, milliseconds(500));
}

TEST(Schedule, IsTheSameEveryTime) {
  const Schedule schedule({{1000, seconds(1)}}, Arrivals::kPoisson, milliseconds(100));
  const auto one = all_of(schedule);
  const auto other = all_of(schedule);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].at, other[i].at);
}

}  // namespace
}  // namespace spoa::bench
