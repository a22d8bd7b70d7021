#include "assembler.h"

#include <gtest/gtest.h>

#include "hex.h"
#include "notify.h"
#include "reader.h"

namespace spoa::decode {
namespace {

using wire::golden;

constexpr FrameId kId{4, 1};
constexpr std::uint32_t kFinAbort = kFlagFin | kFlagAbort;

Frame notify(std::string_view text, std::uint32_t flags = 0, FrameId id = kId) {
  return {FrameType::kNotify, flags, id, as_bytes(text)};
}
Frame unset(std::string_view text, std::uint32_t flags = 0, FrameId id = kId) {
  return {FrameType::kUnset, flags, id, as_bytes(text)};
}

void expect_progress(Assembler& assembler, const Frame& frame, Progress progress) {
  const auto step = assembler.feed(frame);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->progress, progress);
}

void expect_error(Assembler& assembler, const Frame& frame, WireError error) {
  const auto step = assembler.feed(frame);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error(), error);
  EXPECT_FALSE(assembler.open());
  EXPECT_EQ(assembler.pending_bytes(), 0U);
}

TEST(Assembler, JoinsTheFragmentsOfHaproxy26) {
  const auto bytes = golden("notify-fragments");
  const Bytes both{bytes};
  const std::size_t first = *frame_bytes(both, 16380);
  Assembler assembler(1000);
  expect_progress(assembler, *read_frame(both.first(first)), Progress::kMore);
  EXPECT_TRUE(assembler.open());
  EXPECT_EQ(assembler.pending_bytes(), 224U);

  const auto step = assembler.feed(*read_frame(both.subspan(first)));
  ASSERT_TRUE(step);
  EXPECT_EQ(step->progress, Progress::kComplete);
  EXPECT_EQ(step->id, (FrameId{0, 1}));
  EXPECT_FALSE(assembler.open());
  EXPECT_EQ(assembler.pending_bytes(), 0U);

  std::vector<Argument> out;
  ASSERT_TRUE(read_notify(step->payload, out));
  EXPECT_EQ(as_text(std::get<Bytes>(out.at(6).value)), std::string(300, 'Z'));
}

TEST(Assembler, JoinsAnyNumberOfFragmentsInOrder) {
  Assembler assembler(100);
  expect_progress(assembler, notify("ab"), Progress::kMore);
  expect_progress(assembler, unset(""), Progress::kMore);
  expect_progress(assembler, unset("c"), Progress::kMore);
  const auto step = assembler.feed(unset("de", kFlagFin));
  ASSERT_TRUE(step);
  EXPECT_EQ(step->progress, Progress::kComplete);
  EXPECT_EQ(as_text(step->payload), "abcde");
}

TEST(Assembler, TakesANotifyInOnePiece) {
  Assembler assembler(100);
  for (const std::uint32_t flags : {kFlagFin, kFinAbort}) {
    const auto step = assembler.feed(notify("ab", flags));
    ASSERT_TRUE(step);
    EXPECT_EQ(step->progress, Progress::kComplete);
    EXPECT_EQ(as_text(step->payload), "ab");
  }
}

TEST(Assembler, ForgetsASeriesHaproxyCancels) {
  Assembler assembler(100);
  expect_progress(assembler, notify("ab"), Progress::kMore);
  expect_progress(assembler, unset("", kFinAbort), Progress::kCancelled);
  EXPECT_FALSE(assembler.open());
  EXPECT_EQ(assembler.pending_bytes(), 0U);
  expect_progress(assembler, notify("c", kFlagFin), Progress::kComplete);
}

TEST(Assembler, TakesAbortWithoutFinForAFragment) {
  Assembler assembler(100);
  expect_progress(assembler, notify("ab"), Progress::kMore);
  expect_progress(assembler, unset("c", kFlagAbort), Progress::kMore);
  EXPECT_EQ(as_text(assembler.feed(unset("d", kFlagFin))->payload), "abcd");
}

TEST(Assembler, RefusesAFragmentOfNoSeries) {
  Assembler assembler(100);
  expect_error(assembler, unset("a"), WireError::kInterlacedFragments);
  expect_error(assembler, unset("", kFinAbort), WireError::kInterlacedFragments);
}

TEST(Assembler, RefusesAFragmentOfAnotherSeries) {
  for (const FrameId other : {FrameId{4, 2}, FrameId{5, 1}}) {
    Assembler assembler(100);
    expect_progress(assembler, notify("a"), Progress::kMore);
    expect_error(assembler, unset("b", 0, other), WireError::kInterlacedFragments);
  }
}

TEST(Assembler, RefusesANotifyWithinASeries) {
  for (const std::uint32_t flags : {0U, kFlagFin}) {
    Assembler assembler(100);
    expect_progress(assembler, notify("a"), Progress::kMore);
    expect_error(assembler, notify("b", flags), WireError::kInterlacedFragments);
  }
}

TEST(Assembler, AcceptsItsLimitAndNotOneByteMore) {
  Assembler assembler(4);
  expect_progress(assembler, notify("ab"), Progress::kMore);
  expect_progress(assembler, unset("cd", kFlagFin), Progress::kComplete);
  expect_progress(assembler, notify("ab"), Progress::kMore);
  expect_error(assembler, unset("cde"), WireError::kFragmentsTooBig);
  expect_error(assembler, notify("abcde"), WireError::kFragmentsTooBig);
}

// The limit is for what is put together. A frame that was accepted whole is as large as
// HAProxy announced, which 3.1.0 may use whatever was negotiated.
TEST(Assembler, TakesAWholeNotifyOfAnySize) {
  Assembler assembler(4);
  expect_progress(assembler, notify("abcde", kFlagFin), Progress::kComplete);
}

TEST(Assembler, HoldsNoMoreMemoryThanItsLimit) {
  constexpr std::size_t kLimit = 1000;
  Assembler assembler(kLimit);
  expect_progress(assembler, notify(std::string(300, 'a')), Progress::kMore);
  expect_progress(assembler, unset(std::string(400, 'b')), Progress::kMore);
  const auto step = assembler.feed(unset(std::string(300, 'c'), kFlagFin));
  ASSERT_TRUE(step);
  EXPECT_EQ(step->payload.size(), kLimit);
  EXPECT_LE(step->payload.capacity(), kLimit);
}

}  // namespace
}  // namespace spoa::decode
