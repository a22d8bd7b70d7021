#include "hello.h"

#include <gtest/gtest.h>

#include "hex.h"
#include "reader.h"

namespace spoa::decode {
namespace {

using wire::golden;
using wire::hex;

constexpr const char* kVersions = "12 \"supported-versions\" 08 03 \"2.0\" ";
constexpr const char* kSize = "0e \"max-frame-size\" 03 fcf006 ";

Result<Hello, WireError> read(const std::string& payload) {
  static std::vector<std::uint8_t> bytes;  // the Hello views it
  bytes = hex(payload);
  return read_hello({FrameType::kHaproxyHello, kFlagFin, {}, bytes});
}

TEST(ReadHello, ReadsHaproxy26) {
  const auto bytes = golden("haproxy-hello-2.6");
  const auto hello = read_hello(*read_frame(bytes));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->max_frame_size, 16380U);
  EXPECT_TRUE(hello->pipelining);
  EXPECT_FALSE(hello->healthcheck);
  EXPECT_EQ(hello->engine_id, "7f6c3a52-0d1e-4b8f-9a37-c2d4e5f60718");
}

TEST(ReadHello, ReadsHaproxy34) {
  const auto bytes = golden("haproxy-hello-3.4");
  const auto hello = read_hello(*read_frame(bytes));
  ASSERT_TRUE(hello);
  EXPECT_TRUE(hello->pipelining);
  EXPECT_FALSE(hello->healthcheck);
}

TEST(ReadHello, ReadsAHealthCheckWithoutEngineOrCapabilities) {
  const auto bytes = golden("haproxy-healthcheck");
  const auto hello = read_hello(*read_frame(bytes));
  ASSERT_TRUE(hello);
  EXPECT_TRUE(hello->healthcheck);
  EXPECT_FALSE(hello->pipelining);
  EXPECT_EQ(hello->engine_id, "");
}

TEST(ReadHello, TakesKeysInAnyOrderAndSkipsUnknownOnes) {
  const auto hello = read(std::string("03 \"new\" 07 00*16 ") + kSize + "02 \"ok\" 11 " +
                          "0c \"capabilities\" 08 0a \"pipelining\" " + kVersions);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->max_frame_size, 16380U);
  EXPECT_TRUE(hello->pipelining);
}

TEST(ReadHello, TakesTheFrameSizeFromAnyIntegerType) {
  for (const char* type : {"02", "03", "04", "05"}) {
    const auto hello =
        read(std::string(kVersions) + "0e \"max-frame-size\" " + type + " fcf006");
    ASSERT_TRUE(hello) << type;
    EXPECT_EQ(hello->max_frame_size, 16380U) << type;
  }
}

TEST(ReadHello, TakesTheLastOfTwoEqualKeys) {
  EXPECT_EQ(read(std::string(kVersions) + "0e \"max-frame-size\" 03 01 " + kSize)
                ->max_frame_size,
            16380U);
}

TEST(ReadHello, FindsItsVersionInAList) {
  for (const char* list : {"08 03 \"2.0\"", "08 08 \"1.0, 2.0\"", "08 09 \" 2.0 ,1.5\"",
                           "08 03 \"2.1\"",  // a minor stands for those below it
                           "08 07 \"3.0,2.0\""}) {
    EXPECT_TRUE(read(std::string("12 \"supported-versions\" ") + list + kSize)) << list;
  }
}

TEST(ReadHello, RefusesOtherVersions) {
  for (const char* list :
       {"08 03 \"1.0\"", "08 03 \"3.0\"", "08 04 \"12.0\"", "08 00", "08 02 \"2.\"",
        "08 01 \"2\"", "08 04 \"2.0x\"", "08 04 \"20.0\""}) {
    const auto hello = read(std::string("12 \"supported-versions\" ") + list + kSize);
    ASSERT_FALSE(hello) << list;
    EXPECT_EQ(hello.error(), WireError::kUnsupportedVersion) << list;
  }
}

TEST(ReadHello, TakesCapabilitiesAsWholeWords) {
  for (const char* list :
       {"0a \"pipelining\"", "10 \"async,pipelining\"", "12 \" pipelining ,async\""}) {
    EXPECT_TRUE(read(std::string(kVersions) + kSize + "0c \"capabilities\" 08 " + list)
                    ->pipelining)
        << list;
  }
  for (const char* list : {"0b \"pipelining2\"", "09 \"pipelinin\"", "00", "01 \",\""}) {
    EXPECT_FALSE(read(std::string(kVersions) + kSize + "0c \"capabilities\" 08 " + list)
                     ->pipelining)
        << list;
  }
}

TEST(ReadHello, ToleratesMissingCapabilities) {
  const auto hello = read(std::string(kVersions) + kSize);
  ASSERT_TRUE(hello);
  EXPECT_FALSE(hello->pipelining);
}

TEST(ReadHello, NamesTheMandatoryKeyThatIsMissingOrMistyped) {
  EXPECT_EQ(read(kSize).error(), WireError::kNoVersion);
  EXPECT_EQ(read(std::string("12 \"supported-versions\" 03 02 ") + kSize).error(),
            WireError::kNoVersion);
  EXPECT_EQ(read(kVersions).error(), WireError::kNoMaxFrameSize);
  EXPECT_EQ(read(std::string(kVersions) + "0e \"max-frame-size\" 08 00").error(),
            WireError::kNoMaxFrameSize);
  EXPECT_EQ(read("").error(), WireError::kNoVersion);
}

TEST(ReadHello, DoesNotTakeAPrefixOfAKeyForTheKey) {
  EXPECT_EQ(read(std::string(kVersions) + "0f \"max-frame-size2\" 03 fcf006").error(),
            WireError::kNoMaxFrameSize);
}

TEST(ReadHello, RefusesFrameSizesOutOfRange) {
  EXPECT_TRUE(read(std::string(kVersions) + "0e \"max-frame-size\" 03 f001"));  // 256
  for (const char* size : {"ff00", "00",                                        // 255, 0
                           "f0f1fefe7e",                                        // 2^32
                           "fff0fefefefefefefe0e"}) {                           // -1
    const auto hello = read(std::string(kVersions) + "0e \"max-frame-size\" 04 " + size);
    ASSERT_FALSE(hello) << size;
    EXPECT_EQ(hello.error(), WireError::kBadMaxFrameSize) << size;
  }
}

TEST(ReadHello, RefusesAnythingButTheFirstWholeFrame) {
  const auto bytes = golden("haproxy-hello-2.6");
  Frame frame = *read_frame(bytes);
  frame.flags = 0;
  EXPECT_EQ(read_hello(frame).error(), WireError::kNotFinal);
  frame.id = {0, 1};
  EXPECT_EQ(read_hello(frame).error(), WireError::kBadIds);
  frame.id = {1, 0};
  EXPECT_EQ(read_hello(frame).error(), WireError::kBadIds);
  frame.type = FrameType::kNotify;
  EXPECT_EQ(read_hello(frame).error(), WireError::kHelloExpected);
}

TEST(ReadHello, RefusesAPayloadThatIsNoList) {
  EXPECT_EQ(read(std::string(kVersions) + kSize + "05 \"x\"").error(),
            WireError::kTruncated);
  EXPECT_EQ(read(std::string(kVersions) + kSize + "01 \"x\"").error(),
            WireError::kTruncated);
  EXPECT_EQ(read(std::string(kVersions) + kSize + "01 \"x\" 0a").error(),
            WireError::kBadDataType);
  EXPECT_EQ(read("fff0fefefefefefefe7f").error(), WireError::kVarintOverflow);
}

}  // namespace
}  // namespace spoa::decode
