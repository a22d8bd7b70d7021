#include "value.h"

#include <gtest/gtest.h>

#include "hex.h"
#include "varint.h"

namespace spoa {
namespace {

using wire::hex;

/// The value `text` stands for, which must be all of it.
template <typename T>
T read_as(const char* text) {
  static std::vector<std::uint8_t> bytes;  // what views of it outlive this call
  bytes = hex(text);
  Bytes in{bytes};
  const auto value = read_value(in);
  EXPECT_TRUE(value) << text;
  EXPECT_TRUE(in.empty()) << text;
  EXPECT_TRUE(std::holds_alternative<T>(*value)) << text;
  return std::get<T>(*value);
}

void expect_refused(const char* text, WireError error) {
  const auto bytes = hex(text);
  Bytes in{bytes};
  const auto value = read_value(in);
  ASSERT_FALSE(value) << text;
  EXPECT_EQ(value.error(), error) << text;
  EXPECT_EQ(in.size(), bytes.size()) << "a failed read must consume nothing";
}

TEST(ReadString, TakesItsLengthAndNoMore) {
  const auto bytes = hex("03 \"abc\" ff");
  Bytes in{bytes};
  EXPECT_EQ(*read_string(in), "abc");
  EXPECT_EQ(in.size(), 1U);
}

TEST(ReadString, MayBeEmptyAndMayHoldNul) {
  const auto bytes = hex("00 02 00 \"b\"");
  Bytes in{bytes};
  EXPECT_EQ(*read_string(in), "");
  EXPECT_EQ(*read_string(in), std::string_view("\0b", 2));
}

// `begin + length > end` is the test of two older agents, and of HAProxy until
// bd03f0500: this length wraps the sum.
TEST(ReadString, RefusesALengthThatWrapsThePointer) {
  const auto bytes = hex("fff0fefefefefefefe0e \"AB\"");  // 2^64-1
  Bytes in{bytes};
  const auto text = read_string(in);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error(), WireError::kTruncated);
  EXPECT_EQ(in.size(), bytes.size()) << "a failed read must consume nothing";
}

TEST(ReadString, RefusesALengthOneAboveWhatIsLeft) {
  const auto bytes = hex("04 \"abc\"");
  Bytes in{bytes};
  const auto text = read_string(in);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error(), WireError::kTruncated);
  EXPECT_EQ(in.size(), bytes.size());
}

TEST(ReadValue, ReadsNullAndBooleans) {
  read_as<std::monostate>("00");
  EXPECT_TRUE(read_as<bool>("11"));
  EXPECT_FALSE(read_as<bool>("01"));
}

TEST(ReadValue, TakesABooleanFromItsOwnFlagAlone) {
  EXPECT_FALSE(read_as<bool>("21"));
  EXPECT_TRUE(read_as<bool>("f1"));
}

TEST(ReadValue, KeepsTheSignOfIntegers) {
  EXPECT_EQ(read_as<std::int64_t>("02 f30a"), 403);
  EXPECT_EQ(read_as<std::uint64_t>("03 fcf006"), 16380U);
  EXPECT_EQ(read_as<std::int64_t>("04 fff0fefefefefefefe0e"), -1);
  EXPECT_EQ(read_as<std::uint64_t>("05 fff0fefefefefefefe0e"), UINT64_MAX);
}

TEST(ReadValue, DoesNotCheckTheRangeOf32BitIntegers) {
  EXPECT_EQ(read_as<std::int64_t>("02 fff0fefe7e"), 4294967295);
}

TEST(ReadValue, ReadsAddressesInNetworkOrder) {
  EXPECT_EQ(read_as<Ipv4>("06 7f000001"), (Ipv4{{127, 0, 0, 1}}));
  Ipv6 loopback;
  loopback.octets[15] = 1;
  EXPECT_EQ(read_as<Ipv6>("07 00*15 01"), loopback);
}

TEST(ReadValue, TellsStringsFromBinaries) {
  EXPECT_EQ(read_as<std::string_view>("08 03 \"abc\""), "abc");
  EXPECT_EQ(as_text(read_as<Bytes>("09 03 \"abc\"")), "abc");
  EXPECT_TRUE(read_as<Bytes>("09 00").empty());
}

TEST(ReadValue, IgnoresFlagsOfOtherTypes) {
  read_as<std::monostate>("f0");
  EXPECT_EQ(read_as<std::string_view>("18 01 \"a\""), "a");
}

TEST(ReadValue, RefusesReservedTypes) {
  for (const char* text :
       {"0a 00", "0b 00", "0c 00", "0d 00", "0e 00", "0f 00", "1a 00"}) {
    expect_refused(text, WireError::kBadDataType);
  }
}

TEST(ReadValue, RefusesWhatIsCutShort) {
  for (const char* text : {"02", "04 f0", "06 7f0000", "07 00*15", "08", "08 01", "08 f0",
                           "09 03 \"ab\"", "09 fff0fefefefefefefe0e"}) {
    expect_refused(text, WireError::kTruncated);
  }
  Bytes nothing;
  EXPECT_EQ(read_value(nothing).error(), WireError::kTruncated);
}

TEST(ReadValue, RefusesIntegersOf2To64AndAbove) {
  expect_refused("05 f0f1fefefefefefefe0e", WireError::kVarintOverflow);
  expect_refused("08 f0f1fefefefefefefe0e", WireError::kVarintOverflow);
}

TEST(ReadPair, ConsumesNothingWhenItsValueIsBad) {
  const auto bytes = hex("01 \"n\" 0a");
  Bytes in{bytes};
  EXPECT_EQ(read_pair(in).error(), WireError::kBadDataType);
  EXPECT_EQ(in.size(), bytes.size());
}

TEST(ReadPair, MayHaveNoName) {
  const auto bytes = hex("00 11");
  Bytes in{bytes};
  const auto pair = read_pair(in);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->name, "");
  EXPECT_EQ(std::get<bool>(pair->value), true);
}

}  // namespace
}  // namespace spoa
