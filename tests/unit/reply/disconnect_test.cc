#include "disconnect.h"

#include <gtest/gtest.h>

#include <string>

#include "hex.h"

namespace spoa::reply {
namespace {

using wire::golden;
using wire::hex;

TEST(WriteAgentDisconnect, SaysNormal) {
  Buffer out;
  write_agent_disconnect(DisconnectCode::kNormal, "normal", out);
  EXPECT_EQ(out, golden("agent-disconnect"));
}

TEST(WriteAgentDisconnect, FitsIntoTheSmallestFrameHoweverLongTheMessage) {
  Buffer out;
  write_agent_disconnect(DisconnectCode::kUnknown, std::string(5000, 'x'), out);
  EXPECT_LT(out.size() - kLengthBytes, kSmallestMaxFrameSize);
  EXPECT_EQ(out.back(), 'x');
}

TEST(WriteAgentDisconnect, PutsNoControlByteIntoHaproxysLog) {
  Buffer out;
  write_agent_disconnect(DisconnectCode::kInvalidFrame, "a\nb", out);
  EXPECT_EQ(out, hex("00000022 66 00000001 00 00 0b \"status-code\" 03 04"
                     "07 \"message\" 08 03 \"a?b\""));
}

}  // namespace
}  // namespace spoa::reply
