#include "varint.h"

#include <gtest/gtest.h>

#include "varints.h"

namespace spoa {
namespace {

using wire::hex;

TEST(ReadVarint, ReadsEveryRowOfTheTable) {
  for (const auto& row : wire::varint_table()) {
    Bytes in{row.bytes};
    const auto value = read_varint(in);
    ASSERT_TRUE(value) << row.value;
    EXPECT_EQ(*value, row.value);
    EXPECT_TRUE(in.empty()) << row.value;
  }
}

TEST(ReadVarint, LeavesWhatFollowsAlone) {
  const auto bytes = hex("fc03 aa");
  Bytes in{bytes};
  EXPECT_EQ(*read_varint(in), 300U);
  ASSERT_EQ(in.size(), 1U);
  EXPECT_EQ(in[0], 0xaa);
}

TEST(ReadVarint, RefusesEveryRowOfTheTableCutShort) {
  for (const auto& row : wire::varint_table()) {
    for (std::size_t size = 0; size < row.bytes.size(); ++size) {
      Bytes in = Bytes{row.bytes}.first(size);
      const auto value = read_varint(in);
      ASSERT_FALSE(value) << row.value << " cut after " << size;
      EXPECT_EQ(value.error(), WireError::kTruncated);
      EXPECT_EQ(in.size(), size) << "a failed read must consume nothing";
    }
  }
}

TEST(ReadVarint, RefusesValuesThatDoNotFitInto64Bits) {
  for (const char* text : {
           "f0f1fefefefefefefe0e",    // 2^64
           "fff0fefefefefefefe0f",    // its last byte one more
           "fff0fefefefefefefe7f",    //
           "fff0fefefefefefefefe0e",  // an eleventh byte
           "ffffffffffffffffffff",    // no end at all
           "f080808080808080808000"   // nothing but continuations
       }) {
    const auto bytes = hex(text);
    Bytes in{bytes};
    const auto value = read_varint(in);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error(), WireError::kVarintOverflow) << text;
    EXPECT_EQ(in.size(), bytes.size()) << "a failed read must consume nothing";
  }
}

}  // namespace
}  // namespace spoa
