#include "disconnect.h"

#include <gtest/gtest.h>

#include "hex.h"
#include "reader.h"

namespace spoa::decode {
namespace {

using wire::golden;
using wire::hex;

TEST(ReadDisconnect, ReadsHaproxysReason) {
  const auto bytes = golden("haproxy-disconnect");
  const auto said = read_disconnect(*read_frame(bytes));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->status_code, 2U);
  EXPECT_EQ(said->message, "a timeout occurred");
}

TEST(ReadDisconnect, TakesSilenceForAnUnknownReason) {
  for (const char* payload : {"", "0b \"status-code\" 08 01 \"x\" 07 \"message\" 11"}) {
    const auto bytes = hex(payload);
    const auto said =
        read_disconnect({FrameType::kHaproxyDisconnect, kFlagFin, {}, bytes});
    ASSERT_TRUE(said) << payload;
    EXPECT_EQ(said->status_code, 99U) << payload;
    EXPECT_EQ(said->message, "") << payload;
  }
}

TEST(ReadDisconnect, RefusesIdsAndFragments) {
  const auto bytes = golden("haproxy-disconnect");
  Frame frame = *read_frame(bytes);
  frame.flags = 0;
  EXPECT_EQ(read_disconnect(frame).error(), WireError::kNotFinal);
  frame.id.stream = 1;
  EXPECT_EQ(read_disconnect(frame).error(), WireError::kBadIds);
}

TEST(ReadDisconnect, RefusesAPayloadThatIsNoList) {
  const auto bytes = hex("07 \"message\" 08 05 \"abc\"");
  EXPECT_EQ(read_disconnect({FrameType::kHaproxyDisconnect, kFlagFin, {}, bytes}).error(),
            WireError::kTruncated);
}

}  // namespace
}  // namespace spoa::decode
