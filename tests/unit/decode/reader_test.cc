#include "reader.h"

#include <gtest/gtest.h>

#include "hex.h"

namespace spoa::decode {
namespace {

using wire::golden;
using wire::hex;

constexpr std::uint32_t kLimit = 16380;

void expect_no_frame(const char* text, WireError error) {
  const auto bytes = hex(text);
  const auto frame = read_frame(bytes);
  ASSERT_FALSE(frame) << text;
  EXPECT_EQ(frame.error(), error) << text;
}

TEST(FrameBytes, CountsTheLengthFieldItself) {
  EXPECT_EQ(*frame_bytes(hex("00000036"), kLimit), 58U);
  EXPECT_EQ(*frame_bytes(hex("00000007"), kLimit), 11U);
}

TEST(FrameBytes, RefusesLengthsNoFrameCanHave) {
  EXPECT_EQ(frame_bytes(hex("00000006"), kLimit).error(), WireError::kFrameTooSmall);
  EXPECT_EQ(frame_bytes(hex("00000000"), kLimit).error(), WireError::kFrameTooSmall);
}

TEST(FrameBytes, AcceptsTheLimitItself) {
  EXPECT_EQ(*frame_bytes(hex("00003ffc"), kLimit), kLimit + 4U);
  EXPECT_EQ(frame_bytes(hex("00003ffd"), kLimit).error(), WireError::kFrameTooBig);
}

TEST(FrameBytes, SeesOtherProtocolsAsFramesTooBig) {
  for (const char* text : {"\"GET / HTTP/1.1\"", "\"PROXY TCP4\"",
                           "0d0a0d0a 000d0a \"QUIT\"", "160301 02 000100", "ffffffff"}) {
    const auto size = frame_bytes(hex(text), 1024 * 1024);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error(), WireError::kFrameTooBig) << text;
  }
}

TEST(FrameBytes, AsksForFourBytes) {
  EXPECT_EQ(frame_bytes(hex("000000"), kLimit).error(), WireError::kTruncated);
}

TEST(ReadFrame, ReadsTheHeaderAndViewsThePayload) {
  const auto bytes = golden("notify-3.4");
  const auto frame = read_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, FrameType::kNotify);
  EXPECT_EQ(frame->flags, kFlagFin);
  EXPECT_EQ(frame->id, (FrameId{1, 1}));
  EXPECT_EQ(frame->payload.data(), bytes.data() + 11);
  EXPECT_EQ(frame->payload.size(), bytes.size() - 11);
}

TEST(ReadFrame, AcceptsStreamIdZero) {
  EXPECT_EQ(read_frame(golden("notify-2.6"))->id, (FrameId{0, 1}));
}

TEST(ReadFrame, ReadsIdsOfAnySize) {
  const auto whole = read_frame(hex("00000011 03 00000001 fff0fefefefefefefe0e fc03"));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->id, (FrameId{UINT64_MAX, 300}));
  EXPECT_TRUE(whole->payload.empty());
}

TEST(ReadFrame, IgnoresReservedFlags) {
  const auto frame = read_frame(hex("00000007 03 ffffffff 01 01"));
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->fin());
  EXPECT_TRUE(frame->abort());
  const auto quiet = read_frame(hex("00000007 03 fffffffc 01 01"));
  ASSERT_TRUE(quiet);
  EXPECT_FALSE(quiet->fin());
  EXPECT_FALSE(quiet->abort());
}

TEST(ReadFrame, PassesUnknownTypesSoThatTheyCanBeSkipped) {
  for (const char* text :
       {"00000008 04 00000001 00 00 aa", "00000007 ff 00000001 00 00"}) {
    EXPECT_TRUE(read_frame(hex(text))) << text;
  }
}

TEST(ReadFrame, RefusesFramesOnlyAgentsSend) {
  for (const char* name : {"agent-hello", "agent-disconnect", "ack-set-var"}) {
    const auto frame = read_frame(golden(name));
    ASSERT_FALSE(frame) << name;
    EXPECT_EQ(frame.error(), WireError::kAgentFrame) << name;
  }
}

TEST(ReadFrame, RefusesIdsThatRunPastTheFrame) {
  expect_no_frame("00000007 03 00000001 00 f0", WireError::kTruncated);
  expect_no_frame("00000007 03 00000001 f0 80", WireError::kTruncated);
  expect_no_frame("00000010 03 00000001 f0f1fefefefefefefe0e 00",
                  WireError::kVarintOverflow);
}

TEST(ReadFrame, RefusesBytesThatAreNotOneFrame) {
  expect_no_frame("00000008 03 00000001 00 00", WireError::kTruncated);
  expect_no_frame("00000007 03 00000001 00 00 00", WireError::kTruncated);
  expect_no_frame("00000007 03 000000", WireError::kTruncated);
  expect_no_frame("", WireError::kTruncated);
}

}  // namespace
}  // namespace spoa::decode
