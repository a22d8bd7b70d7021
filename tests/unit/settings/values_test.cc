#include "values.h"

#include <gtest/gtest.h>

namespace spoa::settings {
namespace {

using std::chrono::milliseconds;

std::string refusal(const auto& result) {
  return result ? "accepted" : result.error().text;
}

TEST(ParseDuration, TakesEveryUnit) {
  EXPECT_EQ(parse_duration("15ms").value(), milliseconds(15));
  EXPECT_EQ(parse_duration("2s").value(), milliseconds(2000));
  EXPECT_EQ(parse_duration("1m").value(), milliseconds(60'000));
  EXPECT_EQ(parse_duration("1h").value(), milliseconds(3'600'000));
}

TEST(ParseDuration, RefusesABareNumberAndSaysWhatToWrite) {
  const auto duration = parse_duration("400");
  ASSERT_FALSE(duration);
  EXPECT_EQ(duration.error().text, "has no unit: 400");
  EXPECT_NE(duration.error().remedy.find("400ms"), std::string::npos);
}

// A default that means "none" is written as 0; it once needed a unit all the same.
TEST(ParseDuration, TakesZeroWithoutAUnit) {
  EXPECT_EQ(parse_duration("0").value(), milliseconds(0));
  EXPECT_EQ(parse_duration("0s").value(), milliseconds(0));
}

TEST(ParseDuration, RefusesWhatIsNotAWholeNumberAndAUnit) {
  for (const char* text : {"", "ms", "-1s", "1.5s", "1 s", "1S", "1sec", "1s1s", "+1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(ParseDuration, HoldsItsTopInsteadOfWrapping) {
  const auto top = parse_duration("99999999999999999999999999h");
  ASSERT_TRUE(top);
  EXPECT_GT(*top, std::chrono::hours(24 * 365 * 1000));
  EXPECT_EQ(parse_duration("18446744073709551615h").value(), *top);
}

TEST(ParseSize, TakesEveryUnitAndBareBytes) {
  EXPECT_EQ(parse_size("4096").value(), 4096U);
  EXPECT_EQ(parse_size("512B").value(), 512U);
  EXPECT_EQ(parse_size("16KiB").value(), 16384U);
  EXPECT_EQ(parse_size("1MiB").value(), 1048576U);
  EXPECT_EQ(parse_size("3GiB").value(), 3221225472U);
}

TEST(ParseSize, RefusesUnitsThatMeanTwoThings) {
  for (const char* text :
       {"", "1KB", "1K", "1k", "1M", "1.5MiB", "-1", "1 MiB", "0x10"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(ParseCount, TakesDigitsOnly) {
  EXPECT_EQ(parse_count("0").value(), 0U);
  EXPECT_EQ(parse_count("1024").value(), 1024U);
  for (const char* text : {"", "-1", "+1", "1e3", "0x10", "1_000", "1.0", " 1", "one"}) {
    EXPECT_EQ(refusal(parse_count(text)), std::string("is not a whole number: ") + text);
  }
}

TEST(ParseMode, TakesFourOctalDigits) {
  EXPECT_EQ(parse_mode("0660").value(), 0660U);
  EXPECT_EQ(parse_mode("0000").value(), 0U);
  EXPECT_EQ(parse_mode("0777").value(), 0777U);
}

// 660 could be meant as octal and as decimal; 432 is the decimal that means 0660.
TEST(ParseMode, RefusesWhatCouldMeanAnotherNumber) {
  for (const char* text : {"", "660", "432", "0o660", "1660", "00660", "0668", "-660",
                           "0x1b", "066 ", "rw-rw----"}) {
    EXPECT_EQ(refusal(parse_mode(text)), std::string("is not a mode: ") + text);
  }
}

TEST(ParseAddress, TakesEveryNotation) {
  using Kind = Address::Kind;
  EXPECT_EQ(parse_address("127.0.0.1:12345").value(),
            (Address{Kind::kTcp, "127.0.0.1", 12345, {}}));
  EXPECT_EQ(parse_address("waf-1.example:0").value(),
            (Address{Kind::kTcp, "waf-1.example", 0, {}}));
  EXPECT_EQ(parse_address("[::1]:65535").value(),
            (Address{Kind::kTcp, "::1", 65535, {}}));
  EXPECT_EQ(parse_address("unix:/run/a:b.sock").value(),
            (Address{Kind::kUnix, {}, 0, "/run/a:b.sock"}));
  EXPECT_EQ(parse_address("systemd").value(), (Address{Kind::kSystemd, {}, 0, {}}));
}

TEST(ParseAddress, IsTheInverseOfToText) {
  for (const char* text :
       {"127.0.0.1:1", "[fe80::1]:2", "unix:/a", "systemd", "host:0"}) {
    EXPECT_EQ(to_text(parse_address(text).value()), text);
  }
}

TEST(ParseAddress, RefusesWhatCannotBeListenedOn) {
  for (const char* text : {"",
                           ":",
                           "12345",
                           "localhost",
                           "localhost:",
                           "localhost:x",
                           "localhost:65536",
                           "localhost:-1",
                           "localhost: 80",
                           "300.1.1.1:80",
                           "1.2.3:80",
                           "[::1]",
                           "[::1]80",
                           "[zz]:80",
                           "[]:80",
                           "[:80",
                           "]:80",
                           "a b:80",
                           "-a:80",
                           "unix:",
                           "unix:relative",
                           "unix:@abstract",
                           "Systemd",
                           "http://a:80"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(ParseAddress, SaysHowToMendTheUsualSlips) {
  EXPECT_NE(parse_address("*:80").error().remedy.find("0.0.0.0"), std::string::npos);
  EXPECT_NE(parse_address(":80").error().remedy.find("[::]"), std::string::npos);
  EXPECT_NE(parse_address("::1:80").error().remedy.find("[::1]:12345"),
            std::string::npos);
}

TEST(ParseAddress, RefusesAPathThatNoSocketCanHave) {
  EXPECT_TRUE(parse_address("unix:/" + std::string(106, 'x')));
  EXPECT_EQ(refusal(parse_address("unix:/" + std::string(107, 'x'))).substr(0, 12),
            "has too long");
}

TEST(DurationText, PicksTheLargestUnitThatLeavesNoRest) {
  EXPECT_EQ(duration_text(0), "0ms");
  EXPECT_EQ(duration_text(400), "400ms");
  EXPECT_EQ(duration_text(1500), "1500ms");
  EXPECT_EQ(duration_text(600'000), "10m");
}

TEST(SizeText, PicksTheLargestUnitThatLeavesNoRest) {
  EXPECT_EQ(size_text(256), "256B");
  EXPECT_EQ(size_text(16380), "16380B");
  EXPECT_EQ(size_text(64U << 20), "64MiB");
}

TEST(Shown, KeepsAMessageOnOneLine) {
  EXPECT_EQ(shown("a\nb\x1b[31m"), "a?b?[31m");
  EXPECT_EQ(shown(std::string(200, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace spoa::settings
