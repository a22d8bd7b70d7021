#include "tally.h"

#include <gtest/gtest.h>

namespace spoa::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kInTime{400};
constexpr auto kGet = static_cast<std::size_t>(RequestKind::kGet);
constexpr auto kAttack = static_cast<std::size_t>(RequestKind::kAttack);

Answer made(Action action, Reason reason) {
  return {static_cast<std::uint8_t>(action), static_cast<std::uint8_t>(reason)};
}
const Answer kClean = made(Action::kAllow, Reason::kClean);
const Answer kDenied = made(Action::kDeny, Reason::kRules);
const Answer kOverload = made(Action::kAllow, Reason::kOverload);
const Answer kTimeout = made(Action::kDeny, Reason::kTimeout);

TEST(Tally, PartsAnswersByTimeAndByInspection) {
  Tally tally;
  tally.answer(kGet, kClean, kInTime, kInTime);
  tally.answer(kGet, kOverload, kInTime, kInTime);
  tally.answer(kGet, kClean, kInTime + microseconds(1), kInTime);
  tally.answer(kGet, kTimeout, kInTime + microseconds(1), kInTime);
  EXPECT_EQ(tally.inspected_in_time, 1U);
  EXPECT_EQ(tally.uninspected_in_time, 1U);
  EXPECT_EQ(tally.inspected_late, 1U);
  EXPECT_EQ(tally.uninspected_late, 1U);
  EXPECT_EQ(tally.late(), 2U);
  EXPECT_EQ(tally.answered(), 4U);
  EXPECT_EQ(tally.inspected_latency.count(), 2U);
  EXPECT_EQ(tally.latency.max(), 400'001U);
  EXPECT_EQ(tally.answers[kTimeout.action][kTimeout.reason], 1U);
}

TEST(Tally, CallsAVerdictWrongOnlyWhereTheRulesGaveIt) {
  Tally tally;
  tally.answer(kAttack, kDenied, kInTime, kInTime);
  tally.answer(kGet, kClean, kInTime, kInTime);
  tally.answer(kAttack, kOverload, kInTime, kInTime);  // a policy let it through
  tally.answer(kGet, kTimeout, kInTime, kInTime);      // a policy denied it
  EXPECT_EQ(tally.wrong(), 0U);
  tally.answer(kAttack, kClean, kInTime, kInTime);
  EXPECT_EQ(tally.attacks_allowed, 1U);
  // Rules that only detect match, and let it through all the same.
  tally.answer(kAttack, made(Action::kAllow, Reason::kRules), kInTime, kInTime);
  EXPECT_EQ(tally.attacks_allowed, 2U);
  tally.answer(kGet, kDenied, kInTime, kInTime);
  EXPECT_EQ(tally.clean_denied, 1U);
  EXPECT_EQ(tally.wrong(), 3U);
}

TEST(Tally, ExpectsNothingOfRequestsOfAFile) {
  Tally tally;
  tally.answer(kFileKind, kDenied, kInTime, kInTime);
  tally.answer(kFileKind, kClean, kInTime, kInTime);
  EXPECT_EQ(tally.wrong(), 0U);
  EXPECT_EQ(tally.kinds[kFileKind].inspected, 2U);
  EXPECT_EQ(tally.kinds[kFileKind].allowed, 1U);
}

Measurement measurement(std::uint64_t lag_us) {
  Measurement measured;
  measured.length = std::chrono::seconds(10);
  measured.total.answer(kGet, kClean, kInTime, kInTime);
  for (int i = 0; i < 100; ++i) measured.lag.record(i < 2 ? lag_us : 10);
  return measured;
}

TEST(WhyVoid, AcceptsARunThatKeptItsSchedule) {
  BenchSettings settings;
  settings.rate = {{100, std::chrono::seconds(10)}};
  EXPECT_EQ(why_void(settings, measurement(19'000)), "");
}

TEST(WhyVoid, RefusesARunThatFellBehind) {
  BenchSettings settings;
  settings.rate = {{100, std::chrono::seconds(10)}};
  EXPECT_NE(why_void(settings, measurement(21'000)), "");
}

TEST(WhyVoid, RefusesARunWithoutAnyAnswer) {
  Measurement measured = measurement(10);
  measured.total = {};
  EXPECT_EQ(why_void({}, measured), "nothing was answered");
}

TEST(WhyVoid, RefusesAClosedLoopThatWasTheBottleneckItself) {
  Measurement measured = measurement(10);
  measured.cpu = std::chrono::milliseconds(9'500);
  EXPECT_NE(why_void({}, measured), "");
  measured.cpu = std::chrono::milliseconds(8'500);
  EXPECT_EQ(why_void({}, measured), "");
}

TEST(PerSecond, IsZeroForNoTime) {
  EXPECT_EQ(per_second(10, std::chrono::nanoseconds(0)), 0);
  EXPECT_EQ(per_second(10, std::chrono::milliseconds(500)), 20);
}

}  // namespace
}  // namespace spoa::bench
