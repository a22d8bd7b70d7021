#include <gtest/gtest.h>

#include "check.h"

namespace spoa::seclang {
namespace {

// The rule stands on line 2.
Report check_line(const std::string& line) {
  return check(read_text("SecRuleEngine On\n" + line + "\nSecAction \"id:9,pass\"\n",
                         "/rules/test.conf"));
}

Report check_range(const std::string& range) {
  return check_line("SecRule ARGS \"@validateByteRange " + range + "\" \"id:1,deny\"");
}

// libmodsecurity 3.0.9 sets bit 300 of a table of 256: "malloc(): invalid size".
TEST(CheckByteRanges, ReportsANumberBeyondTheTable) {
  const Report report = check_range("300");
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].file, "/rules/test.conf");
  EXPECT_EQ(report.errors[0].line, 2);
  EXPECT_EQ(report.errors[0].column, 34);
  EXPECT_FALSE(report.errors[0].remedy.empty());
}

// The library drops the part in silence, or reads the digits it begins with.
TEST(CheckByteRanges, ReportsWhateverIsNoRangeOfBytes) {
  for (const auto* range :
       {"256", "2147483647", "99999999999999999999", "-5", "0-300", "20-10", "a-b", "a",
        "1-", "-", "1-2-3", "9x", "0x1F", "+9", "1 0", ",", "1,,2", "1,", "%{tx.a}"}) {
    EXPECT_FALSE(check_range(range).errors.empty()) << range;
  }
}

TEST(CheckByteRanges, AcceptsNumbersAndRanges) {
  for (const auto* range : {"0", "255", "0-255", "1-255", "9,10,13,32-126,128-255", "7-7",
                            "10, 20", "1 - 5", "010"}) {
    EXPECT_TRUE(check_range(range).errors.empty()) << range;
  }
}

TEST(CheckByteRanges, NamesEachPartThatIsWrong) {
  const Report report = check_range("1-9,300,20,x");
  ASSERT_EQ(report.errors.size(), 2U);
  EXPECT_EQ(report.errors[0].column, 38);
  EXPECT_EQ(report.errors[1].column, 45);
}

// A number beyond int becomes phase -1: the library writes in front of its table of
// rules.
TEST(CheckPhases, ReportsANumberThatIsNone) {
  for (const auto* line : {"SecRule ARGS \"a\" \"id:1,phase:99999999999,deny\"",
                           "SecAction \"id:1,phase:99999999999,deny\"",
                           "SecAction \"id:1,phase:'99999999999999999999',deny\"",
                           "SecDefaultAction \"phase:99999999999,deny\"",
                           "SecAction \"id:1,phase:6,deny\""}) {
    const Report report = check_line(line);
    ASSERT_EQ(report.errors.size(), 1U) << line;
    EXPECT_EQ(report.errors[0].line, 2);
    EXPECT_FALSE(report.errors[0].remedy.empty());
  }
}

TEST(CheckPhases, AcceptsThoseThereAreByNumberAndName) {
  for (const auto* phase : {"0", "1", "5", "'2'", "request", "response", "logging"}) {
    EXPECT_TRUE(check_line("SecAction \"id:1,pass,phase:" + std::string(phase) + "\"")
                    .errors.empty())
        << phase;
  }
}

// The library takes the line behind "@pm" as its argument, to the end of the file, and
// names a line that does not exist.
TEST(CheckOperators, ReportsAMissingArgumentAtItsOperator) {
  for (const auto* name : {"@pm", "@pm ", "!@within", "@validateByteRange", "@rx"}) {
    const Report report =
        check_line("SecRule ARGS \"" + std::string(name) + "\" \"id:1,deny\"");
    ASSERT_EQ(report.errors.size(), 1U) << name;
    EXPECT_EQ(report.errors[0].line, 2);
    EXPECT_EQ(report.errors[0].column, 15);
  }
}

TEST(CheckOperators, DemandsNoArgumentWhereNoneIsNeeded) {
  for (const auto* name :
       {"@detectSQLi", "@detectXSS", "@geoLookup", "@unconditionalMatch",
        "@validateUrlEncoding", "@validateUtf8Encoding"}) {
    EXPECT_TRUE(check_line("SecRule ARGS \"" + std::string(name) + "\" \"id:1,deny\"")
                    .errors.empty())
        << name;
  }
}

}  // namespace
}  // namespace spoa::seclang
