#include "notify.h"

#include <gtest/gtest.h>

#include "hex.h"
#include "reader.h"

namespace spoa::decode {
namespace {

using wire::golden;
using wire::hex;

void expect_refused(const char* payload, WireError error) {
  const auto bytes = hex(payload);
  std::vector<Argument> out(3);
  const auto read = read_notify(bytes, out);
  ASSERT_FALSE(read) << payload;
  EXPECT_EQ(read.error(), error) << payload;
  EXPECT_TRUE(out.empty()) << "what was read before the error must not be used";
}

TEST(ReadNotify, ReadsWhatHaproxySends) {
  for (const char* name : {"notify-2.6", "notify-3.4"}) {
    const auto bytes = golden(name);
    std::vector<Argument> out;
    ASSERT_TRUE(read_notify(read_frame(bytes)->payload, out)) << name;
    ASSERT_EQ(out.size(), 7U);
    EXPECT_EQ(out[0].name, "");
    EXPECT_EQ(std::get<std::string_view>(out[0].value), "GET");
    EXPECT_EQ(out[1].name, "path");
    EXPECT_EQ(std::get<std::string_view>(out[1].value), "/a");
    EXPECT_EQ(std::get<Ipv4>(out[2].value), (Ipv4{{127, 0, 0, 1}}));
    EXPECT_EQ(std::get<bool>(out[3].value), false);
    EXPECT_EQ(std::get<std::string_view>(out[4].value), "b");
    EXPECT_EQ(std::get<std::int64_t>(out[5].value), 300);
    EXPECT_TRUE(std::get<Bytes>(out[6].value).empty());
    for (std::uint32_t i = 0; i < 7; ++i) {
      EXPECT_EQ(out[i].message, "chk");
      EXPECT_EQ(out[i].message_index, 0U);
      EXPECT_EQ(out[i].position, i);
    }
  }
}

TEST(ReadNotify, NumbersMessagesAndTheArgumentsOfEach) {
  const auto bytes =
      hex(R"(01 "a" 01 01 "x" 11   01 "b" 00   01 "a" 02 00 00 01 "y" 01)");
  std::vector<Argument> out;
  ASSERT_TRUE(read_notify(bytes, out));
  ASSERT_EQ(out.size(), 3U) << "a message without arguments adds none";
  EXPECT_EQ(out[0].message_index, 0U);
  EXPECT_EQ(out[1].message_index, 2U);
  EXPECT_EQ(out[1].position, 0U);
  EXPECT_EQ(out[1].name, "");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(out[1].value));
  EXPECT_EQ(out[2].message, "a");
  EXPECT_EQ(out[2].position, 1U);
  EXPECT_EQ(out[2].name, "y");
}

// HAProxy 3.1.0 to 3.2 send it when every condition is false, and wait for the ACK.
TEST(ReadNotify, AcceptsNoMessageAtAll) {
  std::vector<Argument> out(3);
  EXPECT_TRUE(read_notify({}, out));
  EXPECT_TRUE(out.empty()) << "the arguments of the NOTIFY before must be gone";
}

TEST(ReadNotify, TakesAllOf255Arguments) {
  std::string payload = "01 \"m\" ff";
  for (int i = 0; i < 255; ++i) payload += " 00 11";
  const auto bytes = hex(payload);
  std::vector<Argument> out;
  ASSERT_TRUE(read_notify(bytes, out));
  EXPECT_EQ(out.size(), 255U);
}

// Two bytes make an argument of 64 in memory: 8 MiB of them held the loop thread up and
// took a quarter of a gigabyte.
TEST(ReadNotify, RefusesMoreArgumentsThanAnybodySends) {
  std::vector<std::uint8_t> payload;
  for (std::size_t left = kMostArguments; left > 0;) {
    const std::size_t count = std::min<std::size_t>(left, 255);
    payload.insert(payload.end(), {1, 'm', static_cast<std::uint8_t>(count)});
    payload.insert(payload.end(), 2 * count, 0);
    left -= count;
  }
  std::vector<Argument> out;
  ASSERT_TRUE(read_notify(payload, out));
  EXPECT_EQ(out.size(), kMostArguments);
  payload.insert(payload.end(), {1, 'm', 1, 0, 0});
  const auto read = read_notify(payload, out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), WireError::kBufferLimit);
  EXPECT_TRUE(out.empty());
}

TEST(ReadNotify, RefusesMoreArgumentsThanThereAre) {
  expect_refused("01 \"m\" 02 01 \"x\" 11", WireError::kTruncated);
  expect_refused("01 \"m\" ff", WireError::kTruncated);
  expect_refused("01 \"m\"", WireError::kTruncated);
}

TEST(ReadNotify, RefusesFewerArgumentsThanThereAre) {
  expect_refused("01 \"m\" 01 01 \"x\" 11 01 \"y\" 08 03 \"abc\"", WireError::kTruncated);
}

TEST(ReadNotify, RefusesBadValues) {
  expect_refused("01 \"m\" 01 01 \"x\" 0a", WireError::kBadDataType);
  expect_refused("01 \"m\" 01 01 \"x\" 09 fff0fefefefefefefe0e", WireError::kTruncated);
  expect_refused("01 \"m\" 01 01 \"x\" 04 f0f1fefefefefefefe0e",
                 WireError::kVarintOverflow);
  expect_refused("01 \"m\" 00 05 \"n\"", WireError::kTruncated);
}

TEST(ReadNotify, RefusesWhatHaproxySendsCutShortAnywhere) {
  const auto bytes = golden("notify-2.6");
  const Bytes payload = read_frame(bytes)->payload;
  std::vector<Argument> out;
  for (std::size_t size = 1; size < payload.size(); ++size) {
    EXPECT_FALSE(read_notify(payload.first(size), out)) << size;
    EXPECT_TRUE(out.empty()) << size;
  }
}

TEST(ReadNotify, KeepsTheMemoryOfAnUsualNotifyAlone) {
  const auto bytes = golden("notify-2.6");
  std::vector<Argument> out;
  out.reserve(64);
  const Argument* const memory = out.data();
  ASSERT_TRUE(read_notify(read_frame(bytes)->payload, out));
  EXPECT_EQ(out.data(), memory) << "no allocation";
  out.reserve(100 * kKeptArguments);
  ASSERT_TRUE(read_notify(read_frame(bytes)->payload, out));
  EXPECT_LE(out.capacity(), kKeptArguments) << "one huge NOTIFY must not hold memory";
}

}  // namespace
}  // namespace spoa::decode
