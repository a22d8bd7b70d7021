#include "writer.h"

#include <gtest/gtest.h>

#include "varints.h"

namespace spoa {
namespace {

using wire::hex;

Buffer written(const Value& value) {
  Buffer out;
  write_value(value, out);
  return out;
}

TEST(WriteVarint, WritesEveryRowOfTheTable) {
  for (const auto& row : wire::varint_table()) {
    Buffer out;
    write_varint(row.value, out);
    EXPECT_EQ(out, row.bytes) << row.value;
  }
}

TEST(WriteString, WritesItsLengthFirst) {
  Buffer out;
  write_string("", out);
  write_string(std::string_view("a\0b", 3), out);
  EXPECT_EQ(out, hex("00 03 \"a\" 00 \"b\""));
}

TEST(WriteValue, WritesEveryType) {
  EXPECT_EQ(written(Value()), hex("00"));
  EXPECT_EQ(written(true), hex("11"));
  EXPECT_EQ(written(false), hex("01"));
  EXPECT_EQ(written(std::int64_t{300}), hex("04 fc03"));
  EXPECT_EQ(written(std::int64_t{-1}), hex("04 fff0fefefefefefefe0e"));
  EXPECT_EQ(written(UINT64_MAX), hex("05 fff0fefefefefefefe0e"));
  EXPECT_EQ(written(Ipv4{{127, 0, 0, 1}}), hex("06 7f000001"));
  EXPECT_EQ(written(Ipv6{}), hex("07 00*16"));
  EXPECT_EQ(written(std::string_view("ab")), hex("08 02 \"ab\""));
  EXPECT_EQ(written(as_bytes("ab")), hex("09 02 \"ab\""));
}

TEST(WriteUint32, WritesTheTypeOfHelloAndDisconnect) {
  Buffer out;
  write_uint32(16380, out);
  EXPECT_EQ(out, hex("03 fcf006"));
}

TEST(Frame, GetsItsLengthAtItsEnd) {
  Buffer out = hex("aabb");
  const std::size_t begin = begin_frame(FrameType::kAck, {300, 1}, out);
  out.insert(out.end(), 300, 0x5a);
  EXPECT_EQ(frame_length(begin, out), 308U);
  end_frame(begin, out);
  EXPECT_EQ(out, hex("aabb 00000134 67 00000001 fc03 01 5a*300"));
}

TEST(Printable, ReplacesControlBytesAlone) {
  EXPECT_EQ(printable(std::string_view("a\r\nb\0c\x1f\x7f d\xc3\xa9", 12)),
            "a??b?c?? d\xc3\xa9");
}

}  // namespace
}  // namespace spoa
