#include "headers.h"

#include <string>

#include <gtest/gtest.h>

namespace spoa::extract {
namespace {

using namespace std::string_literals;

std::vector<Header> binary(const std::string& block, bool expect_whole = true) {
  std::vector<Header> headers;
  EXPECT_EQ(read_binary_headers(as_bytes(block), headers), expect_whole);
  return headers;
}

std::vector<Header> text(std::string_view block, bool expect_whole = true) {
  std::vector<Header> headers;
  EXPECT_EQ(read_text_headers(block, headers), expect_whole);
  return headers;
}

TEST(BinaryHeaders, KeepOrderDuplicatesAndEmptyValues) {
  static const std::string block =
      "\x04host\x05shop1"
      "\x06x-none\x00"
      "\x06x-twin\x01\x61"
      "\x06x-twin\x01\x62"
      "\x00\x00"s;
  const std::vector<Header> expected{
      {"host", "shop1"}, {"x-none", ""}, {"x-twin", "a"}, {"x-twin", "b"}};
  EXPECT_EQ(binary(block), expected);
}

TEST(BinaryHeaders, KeepEveryByteOfAValue) {
  static const std::string block = "\x01x\x04\x00\xff\r\n\x00\x00"s;
  const auto headers = binary(block);
  ASSERT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers[0].value, "\x00\xff\r\n"s);
}

TEST(BinaryHeaders, ReadLengthsBeyondOneByte) {
  // 300 = fc 03 (SPOE.txt 3.1)
  static const std::string block = "\x01x\xfc\x03"s + std::string(300, 'v') + "\x00\x00"s;
  const auto headers = binary(block);
  ASSERT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers[0].value.size(), 300U);
}

TEST(BinaryHeaders, AreEmptyForARequestWithoutHeaders) {
  EXPECT_TRUE(binary("\x00\x00"s).empty());
}

TEST(BinaryHeaders, RefuseABlockWithoutItsEnd) {
  static const std::string block = "\x04host\x05shop1"s;
  EXPECT_EQ(binary(block, false).size(), 1U) << "what came before the damage is kept";
}

TEST(BinaryHeaders, RefuseALengthBeyondTheBlock) {
  static const std::string block = "\x04host\x7f ab"s;
  EXPECT_TRUE(binary(block, false).empty());
}

TEST(BinaryHeaders, RefuseALengthThatWouldWrapThePointer) {
  static const std::string block = "\xff\xf0\xfe\xfe\xfe\xfe\xfe\xfe\xfe\x0e\x61"s;
  EXPECT_TRUE(binary(block, false).empty());
}

// Bytes behind the end would be inspected by nobody.
TEST(BinaryHeaders, RefuseBytesBehindTheEnd) {
  static const std::string block = "\x00\x00\x01x"s;
  EXPECT_TRUE(binary(block, false).empty());
}

TEST(BinaryHeaders, RefuseAValueWithoutAName) {
  static const std::string block = "\x00\x01v\x00\x00"s;
  EXPECT_TRUE(binary(block, false).empty());
}

TEST(BinaryHeaders, RefuseNothingAtAll) { EXPECT_TRUE(binary("", false).empty()); }

TEST(TextHeaders, KeepOrderDuplicatesAndEmptyValues) {
  const std::vector<Header> expected{
      {"host", "shop1"}, {"x-none", ""}, {"x-twin", "a"}, {"x-twin", "b: c"}};
  EXPECT_EQ(text("host: shop1\r\nx-none: \r\nx-twin: a\r\nx-twin: b: c\r\n\r\n"),
            expected);
}

TEST(TextHeaders, TrimBlanksAroundTheValue) {
  const std::vector<Header> expected{{"a", "b c"}};
  EXPECT_EQ(text("a:\t b c \r\n\r\n"), expected);
}

TEST(TextHeaders, RefuseALineWithoutAName) {
  text("no colon\r\n\r\n", false);
  text(": value\r\n\r\n", false);
}

TEST(TextHeaders, RefuseABlockWithoutItsEnd) {
  EXPECT_EQ(text("host: a\r\n", false).size(), 1U);
  text("host: a", false);
}

TEST(TextHeaders, RefuseBytesBehindTheEnd) { text("a: b\r\n\r\nc: d\r\n\r\n", false); }

}  // namespace
}  // namespace spoa::extract
