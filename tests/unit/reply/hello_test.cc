#include "hello.h"

#include <gtest/gtest.h>

#include "hex.h"

namespace spoa::reply {
namespace {

using wire::golden;
using wire::hex;

constexpr std::uint32_t kOwnLimit = 1024 * 1024;

Hello announcing(std::uint32_t max_frame_size) {
  Hello hello;
  hello.max_frame_size = max_frame_size;
  return hello;
}

TEST(WriteAgentHello, AnswersHaproxyWithItsOwnFrameSize) {
  Buffer out;
  EXPECT_EQ(write_agent_hello(announcing(16380), kOwnLimit, out), 16380U);
  EXPECT_EQ(out, golden("agent-hello"));
}

TEST(WriteAgentHello, AnswersAHealthCheckAlike) {
  Buffer out;
  Hello probe = announcing(16380);
  probe.healthcheck = true;
  write_agent_hello(probe, kOwnLimit, out);
  EXPECT_EQ(out, golden("agent-hello"));
}

// HAProxy disconnects when the answer is above what it announced.
TEST(WriteAgentHello, SettlesTheSmallerOfBothSizes) {
  Buffer out;
  EXPECT_EQ(write_agent_hello(announcing(16380), 4096, out), 4096U);
  EXPECT_EQ(out, hex("0000004e 65 00000001 00 00 07 \"version\" 08 03 \"2.0\""
                     "0e \"max-frame-size\" 03 f0f100"
                     "0c \"capabilities\" 08 18 \"pipelining,fragmentation\""));
  EXPECT_EQ(write_agent_hello(announcing(256), 256, out), 256U);
  EXPECT_EQ(write_agent_hello(announcing(UINT32_MAX), kOwnLimit, out), kOwnLimit);
}

TEST(WriteAgentHello, AppendsToWhatWaitsAlready) {
  Buffer out = hex("aa");
  write_agent_hello(announcing(16380), kOwnLimit, out);
  EXPECT_EQ(out.size(), 1 + golden("agent-hello").size());
  EXPECT_EQ(out[0], 0xaa);
}

}  // namespace
}  // namespace spoa::reply
