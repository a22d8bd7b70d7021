#include "decompress.h"

#include "coded.h"

#include <gtest/gtest.h>

namespace spoa::inspect {
namespace {

const std::string kText = "{\"a\":\"some text that is sent\"}";

Decoded decode(const std::string& sent, std::string_view encoding,
               const BodyLimits& limits = {}) {
  return decompress(as_bytes(sent), encoding, limits);
}

std::string text_of(const Decoded& decoded) {
  return std::string(as_text(decoded.bytes));
}

TEST(Decompress, KnowsWhatThereIsToDecode) {
  for (const std::string_view coded :
       {"gzip", "x-gzip", "DEFLATE", " br ", "identity,gzip"}) {
    EXPECT_TRUE(is_coded(coded)) << coded;
  }
  for (const std::string_view plain : {"", "identity", " , Identity ,"}) {
    EXPECT_FALSE(is_coded(plain)) << plain;
  }
}

TEST(Decompress, TakesOffEveryCodingItKnows) {
  for (const auto& [encoding, window_bits] : {std::pair{"gzip", 31},
                                              {"X-GZip", 31},
                                              {"deflate", 15},
                                              {"deflate", -15},
                                              {"identity, gzip", 31}}) {
    const Decoded decoded = decode(deflated(kText, window_bits), encoding);
    EXPECT_EQ(text_of(decoded), kText) << encoding;
    EXPECT_EQ(decoded.fault, BodyFault::kNone) << encoding;
  }
  EXPECT_EQ(decode(gzip(kText), "gzip").coding, ContentCoding::kGzip);
  EXPECT_EQ(decode(deflated(kText, 15), "deflate").coding, ContentCoding::kDeflate);
}

TEST(Decompress, TakesAListOffFromItsEnd) {
  const std::string twice = gzip(deflated(kText, 15));
  EXPECT_EQ(text_of(decode(twice, "deflate, gzip")), kText);
  EXPECT_EQ(decode(twice, "gzip, deflate").fault, BodyFault::kDamaged);
}

TEST(Decompress, ReadsAllMembersOfAGzipFile) {
  const Decoded decoded = decode(gzip("one ") + gzip("") + gzip("two"), "gzip");
  EXPECT_EQ(text_of(decoded), "one two");
  EXPECT_EQ(decoded.fault, BodyFault::kNone);
}

TEST(Decompress, YieldsWhatItCanOfAStreamWithoutAnEnd) {
  const std::string text = noise(60000);
  const std::string sent = gzip(text);
  for (const std::size_t length : {sent.size() - 1, sent.size() / 2, sent.size() / 10}) {
    const Decoded decoded = decode(sent.substr(0, length), "gzip");
    EXPECT_EQ(decoded.fault, BodyFault::kUnfinished);
    EXPECT_EQ(text_of(decoded), text.substr(0, decoded.bytes.size()));
    EXPECT_GT(decoded.bytes.size(), length) << "no more than a block is held back";
  }
  EXPECT_EQ(decode("", "gzip").fault, BodyFault::kUnfinished);
}

TEST(Decompress, YieldsWhatItCanOfADamagedStream) {
  std::string sent = gzip(noise(60000));
  sent[sent.size() / 2] = static_cast<char>(~sent[sent.size() / 2]);
  EXPECT_EQ(decode(sent, "gzip").fault, BodyFault::kDamaged);
  for (const std::string& behind : {std::string("a=1"), std::string(2, '\0')}) {
    const Decoded decoded = decode(gzip(kText) + behind, "gzip");
    EXPECT_EQ(decoded.fault, BodyFault::kDamaged);
    EXPECT_EQ(text_of(decoded), kText);
  }
  const Decoded plain = decode("a=1&b=2", "gzip");
  EXPECT_EQ(plain.fault, BodyFault::kDamaged);
  EXPECT_TRUE(plain.bytes.empty());
  EXPECT_EQ(decode(deflated(kText, 15) + "x", "deflate").fault, BodyFault::kDamaged);
}

TEST(Decompress, SaysWhichCodingsItDoesNotKnow) {
  for (const std::string_view encoding :
       {"br", "zstd", "compress", "gzip, br", "br, gzip", "gzip,gzip,gzip,gzip"}) {
    const Decoded decoded = decode(gzip(kText), encoding);
    EXPECT_EQ(decoded.fault, BodyFault::kUnknown) << encoding;
    EXPECT_EQ(decoded.coding, ContentCoding::kOther) << encoding;
    EXPECT_TRUE(decoded.bytes.empty()) << encoding;
  }
}

TEST(Decompress, StopsAtTheLimits) {
  const std::string text = noise(40000);
  const std::string sent = gzip(text);
  const Decoded cut = decode(sent, "gzip", {10000, 100});
  EXPECT_EQ(cut.fault, BodyFault::kLimit);
  EXPECT_EQ(text_of(cut), text.substr(0, 10000));
  EXPECT_EQ(decode(sent, "gzip", {40000, 100}).fault, BodyFault::kNone) << "just fits";
  EXPECT_EQ(decode(sent, "gzip", {39999, 100}).fault, BodyFault::kLimit);

  const std::string bomb = gzip(std::string(1 << 20, 'a'));
  const Decoded burst = decode(bomb, "gzip", {64 << 20, 10});
  EXPECT_EQ(burst.fault, BodyFault::kRatio);
  EXPECT_EQ(burst.bytes.size(), bomb.size() * 10);
  // Where the two limits meet, the division of one by the other leaves a rest.
  const std::string small = gzip(std::string(500, 'a'));
  const Decoded edge = decode(small, "gzip", {small.size() * 5 + 4, 5});
  EXPECT_EQ(edge.bytes.size(), small.size() * 5);
}

// What lies between two codings is bounded as well: a bomb within a bomb.
TEST(Decompress, StopsAtTheLimitsBetweenCodings) {
  const std::string inner = gzip(std::string(64 << 20, 'a'));
  const Decoded decoded = decode(gzip(inner), "gzip, gzip", {1 << 20, 1000});
  EXPECT_NE(decoded.fault, BodyFault::kNone);
  EXPECT_LE(decoded.bytes.size(), std::size_t{1} << 20U);
}

}  // namespace
}  // namespace spoa::inspect
