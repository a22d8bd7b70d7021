// The expected values were published by those who made JA3 and JA4, or follow from their
// descriptions; none was printed by this code.
#include "fingerprint.h"

#include <gtest/gtest.h>

namespace spoa::extract {
namespace {

using namespace std::string_view_literals;

using Buffer = std::vector<std::uint8_t>;

Buffer pairs(std::initializer_list<int> numbers) {
  Buffer bytes;
  for (const int number : numbers) {
    bytes.push_back(static_cast<std::uint8_t>(number >> 8));
    bytes.push_back(static_cast<std::uint8_t>(number & 0xff));
  }
  return bytes;
}

template <typename T>
Sample<T> known(T value) {
  return {value, FingerprintGap::kNone};
}

/// A hello that owns its lists.
struct Hello {
  std::int64_t version = 771;
  Buffer ciphers, extensions, groups, ec_formats, supported_versions, signatures;

  [[nodiscard]] ClientHello view() const {
    ClientHello hello;
    hello.version = known(version);
    hello.ciphers = known(Bytes(ciphers));
    hello.extensions = known(Bytes(extensions));
    hello.groups = known(Bytes(groups));
    hello.ec_formats = known(Bytes(ec_formats));
    hello.supported_versions = known(Bytes(supported_versions));
    hello.signature_algorithms = known(Bytes(signatures));
    return hello;
  }
};

/// The example of JA4's description.
Hello browser() {
  Hello hello;
  hello.ciphers = pairs({0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                         0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
  hello.extensions =
      pairs({0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005,
             0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015});
  hello.groups = pairs({29, 23, 24});
  hello.ec_formats = {0};
  hello.supported_versions = pairs({0x0304, 0x0303});
  hello.signatures =
      pairs({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
  return hello;
}

ClientHello offering(const Hello& hello, std::string_view protocols) {
  ClientHello view = hello.view();
  view.alpn_offered = known(protocols);
  return view;
}

TEST(Ja3, IsThatOfTheExamplesOfItsMakers) {
  Hello hello;
  hello.version = 769;
  hello.ciphers = pairs({47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4});
  hello.extensions = pairs({0, 10, 11});
  hello.groups = pairs({23, 24, 25});
  hello.ec_formats = {0};
  EXPECT_EQ(ja3_of(hello.view()).text, "ada70206e40642a3e4461f35503241d5");

  Hello bare;
  bare.version = 769;
  bare.ciphers = pairs({4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99});
  EXPECT_EQ(ja3_of(bare.view()).text, "de350869b8c85de67a350c8d186f11e6");
}

TEST(Ja3, PassesOverGrease) {
  Hello hello = browser();
  const std::string plain = ja3_of(hello.view()).text;
  const Buffer grease = pairs({0x2a2a});
  for (Buffer* list : {&hello.ciphers, &hello.extensions, &hello.groups}) {
    list->insert(list->begin(), grease.begin(), grease.end());
  }
  EXPECT_EQ(ja3_of(hello.view()).text, plain);
  EXPECT_EQ(plain.size(), 32U);
}

TEST(Ja4, IsThatOfTheExampleOfItsMakers) {
  EXPECT_EQ(ja4_of(offering(browser(), "h2,http/1.1")).text,
            "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, OfAHelloWithoutSignatureAlgorithmsHashesTheExtensionsAlone) {
  Hello hello = browser();
  hello.signatures.clear();
  // Extension 13 without algorithms is a cut list, so the hello has another in its place.
  for (std::size_t i = 0; i < hello.extensions.size(); i += 2) {
    if (hello.extensions[i] == 0 && hello.extensions[i + 1] == 0x0d) {
      hello.extensions[i] = 0x0a;  // GREASE does not count
      hello.extensions[i + 1] = 0x0a;
    }
  }
  const std::string text = ja4_of(offering(hello, "h2")).text;
  EXPECT_TRUE(text.starts_with("t13d1515h2_8daaf6152771_")) << text;
}

TEST(Ja4, PassesOverGrease) {
  Hello hello = browser();
  const Buffer grease = pairs({0xfafa});
  for (Buffer* list : {&hello.ciphers, &hello.extensions, &hello.supported_versions,
                       &hello.signatures}) {
    list->insert(list->begin(), grease.begin(), grease.end());
  }
  EXPECT_EQ(ja4_of(offering(hello, "h2")).text, "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, SaysWhatTheClientSpoke) {
  Hello old;
  old.version = 0x0302;
  old.ciphers = pairs({4});
  // No extension at all: nothing to hash, and no protocol was offered.
  EXPECT_TRUE(ja4_of(old.view()).text.starts_with("t11i010000_"));
  EXPECT_TRUE(ja4_of(old.view()).text.ends_with("_000000000000"));

  Hello quic = browser();
  const Buffer parameters = pairs({57});
  quic.extensions.insert(quic.extensions.end(), parameters.begin(), parameters.end());
  EXPECT_TRUE(ja4_of(offering(quic, "h3")).text.starts_with("q13d1517h3_"));
}

// The table of JA4's description.
TEST(Ja4, SpellsOddProtocolsInHex) {
  const auto label = [](std::string_view offered) {
    return ja4_of(offering(browser(), offered)).text.substr(8, 2);
  };
  EXPECT_EQ(label("http/1.1"), "h1");
  EXPECT_EQ(label("a"), "aa");
  EXPECT_EQ(label("\xab"), "ab");
  EXPECT_EQ(label("\xab\xcd"), "ad");
  EXPECT_EQ(label(" a"), "21");
  EXPECT_EQ(label("0\xab"), "3b");
  EXPECT_EQ(label("01\xab\xcd"), "3d");
  EXPECT_EQ(label("0\xab\xcd"
                  "1"),
            "01");
}

// HAProxy's ssl_fc_alpn is its own choice among those offered.
TEST(Ja4, DoesNotGuessTheFirstProtocolFromTheNegotiatedOne) {
  ClientHello hello = browser().view();
  const Hello owner = browser();
  hello = owner.view();
  hello.alpn = known("h2"sv);
  EXPECT_EQ(ja4_of(hello).gap, FingerprintGap::kAlpnUnknown);
  EXPECT_TRUE(ja4_of(hello).text.empty());
  EXPECT_FALSE(ja3_of(hello).text.empty()) << "JA3 does not need it";
}

TEST(Ja4, NeedsNoProtocolWhereNoneWasOffered) {
  Hello hello;
  hello.ciphers = pairs({0x1301});
  hello.extensions = pairs({43, 13});
  hello.supported_versions = pairs({0x0304});
  hello.signatures = pairs({0x0403});
  EXPECT_TRUE(ja4_of(hello.view()).text.starts_with("t13i010200_"));
}

TEST(Ja4, NeedsWhatHaproxyGivesFrom31Only) {
  const Hello owner = browser();
  ClientHello hello = offering(owner, "h2");
  hello.supported_versions = {};
  EXPECT_EQ(ja4_of(hello).gap, FingerprintGap::kNotSent);
  hello = offering(owner, "h2");
  hello.signature_algorithms = {};
  EXPECT_EQ(ja4_of(hello).gap, FingerprintGap::kNotSent);
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kNone);
}

TEST(Fingerprints, SayWhatIsMissing) {
  const Hello owner = browser();
  ClientHello hello = owner.view();
  hello.ciphers = {{}, FingerprintGap::kNotCaptured};
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kNotCaptured);
  EXPECT_EQ(ja4_of(hello).gap, FingerprintGap::kNotCaptured);
  hello = owner.view();
  hello.groups = {{}, FingerprintGap::kWrongType};
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kWrongType);
}

// HAProxy copies the lists into one small buffer and cuts without a word: a fingerprint
// of the rest would be that of another client.
class CutHello : public ::testing::Test {
 protected:
  void expect_incomplete(const ClientHello& hello) {
    EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kIncomplete);
    EXPECT_TRUE(ja3_of(hello).text.empty());
    EXPECT_EQ(ja4_of(hello).gap, FingerprintGap::kIncomplete);
    EXPECT_TRUE(ja4_of(hello).text.empty());
  }
  Hello hello_ = browser();
};

TEST_F(CutHello, IsKnownByHalfANumber) {
  hello_.groups.pop_back();
  expect_incomplete(offering(hello_, "h2"));
}

TEST_F(CutHello, IsKnownByAnExtensionWithoutItsContents) {
  hello_.ec_formats.clear();
  expect_incomplete(offering(hello_, "h2"));
}

TEST_F(CutHello, IsKnownByContentsWithoutTheirExtension) {
  hello_.extensions = pairs({0, 16, 43, 13});
  expect_incomplete(offering(hello_, "h2"));
}

TEST_F(CutHello, IsKnownByANameWithoutItsExtension) {
  hello_.extensions = pairs({16, 43, 13, 10, 11});
  ClientHello hello = offering(hello_, "h2");
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kNone);
  hello.sni = known("shop.example"sv);
  expect_incomplete(hello);
}

TEST_F(CutHello, IsKnownByANegotiatedVersionItDoesNotOffer) {
  Hello bare;
  bare.ciphers = pairs({0x1301, 0x1302});
  ClientHello hello = bare.view();
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kNone);
  hello.protocol = known("TLSv1.3"sv);
  expect_incomplete(hello);
}

TEST_F(CutHello, IsSupposedWhereTheBufferIsFull) {
  ClientHello hello = offering(hello_, "h2");
  const auto used = static_cast<std::int64_t>(
      hello_.ciphers.size() + hello_.extensions.size() + hello_.groups.size() +
      hello_.ec_formats.size() + hello_.supported_versions.size() +
      hello_.signatures.size());
  hello.capture_bytes = known(used + 2);
  EXPECT_EQ(ja3_of(hello).gap, FingerprintGap::kNone);
  hello.capture_bytes = known(used + 1);
  expect_incomplete(hello);
  hello.capture_bytes = known(used);
  expect_incomplete(hello);
}

}  // namespace
}  // namespace spoa::extract
