#include "check.h"

#include <gtest/gtest.h>

#include "folder.h"

namespace spoa::seclang {
namespace {

constexpr std::string_view kOn = "SecRuleEngine On\n";

Report check_text(const std::string& text) {
  return check(read_text(std::string(kOn) + text, "/rules/test.conf"));
}

// One error, on line 2: the text's first.
testing::AssertionResult one_error(const Report& report, int column,
                                   std::string_view part) {
  if (report.errors.size() != 1) {
    return testing::AssertionFailure() << report.errors.size() << " errors";
  }
  const Problem& error = report.errors[0];
  if (error.line != 2 || error.column != column || error.file != "/rules/test.conf") {
    return testing::AssertionFailure()
           << error.file << ":" << error.line << ":" << error.column;
  }
  if (error.text.find(part) == std::string::npos || error.remedy.empty()) {
    return testing::AssertionFailure() << error.text << " / " << error.remedy;
  }
  return testing::AssertionSuccess();
}

bool has_warning(const Report& report, std::string_view part) {
  for (const Problem& warning : report.warnings) {
    if (warning.text.find(part) != std::string::npos && !warning.remedy.empty())
      return true;
  }
  return false;
}

TEST(CheckPatterns, AcceptsRulesThatAreInOrder) {
  const Report report = check_text(
      "SecRule ARGS|!ARGS:/x+/ \"@rx (?i)a|b\" \"id:1,phase:2,deny\"\nSecAction "
      "\"id:2,pass\"\n");
  EXPECT_TRUE(report.errors.empty());
  EXPECT_TRUE(report.warnings.empty());
}

TEST(CheckPatterns, FindsAPatternThatDoesNotCompileWhereItBreaks) {
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS \"@rx a(b\" \"id:1,deny\"\n"), 22, "rule 1"));
}

TEST(CheckPatterns, FindsItWithoutAnOperatorsName) {
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS \"!a[b\" \"id:1,deny\"\n"), 19, "rule 1"));
}

TEST(CheckPatterns, FindsItInOtherOperatorsThatTakePatterns) {
  for (const auto* name :
       {"rxGlobal", "verifyCC", "verifyCPF", "verifySSN", "verifySVNR"}) {
    const Report report =
        check_text("SecRule ARGS \"@" + std::string(name) + " (\" \"id:1,deny\"\n");
    EXPECT_EQ(report.errors.size(), 1U) << name;
  }
}

TEST(CheckPatterns, LeavesPatternsWithMacrosAlone) {
  EXPECT_TRUE(check_text("SecRule ARGS \"@rx (%{tx.a}\" \"id:1,deny\"\n").errors.empty());
}

TEST(CheckPatterns, LeavesOtherOperatorsAlone) {
  EXPECT_TRUE(check_text("SecRule ARGS \"@contains (\" \"id:1,deny\"\n").errors.empty());
}

TEST(CheckPatterns, FindsAPatternBeyondTheLimitOfPcre2) {
  std::string pattern = "a";
  for (int i = 0; i < 12000; ++i) pattern += "|b" + std::to_string(i) + "c";
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS \"@rx " + pattern + "\" \"id:1,deny\"\n"), 19,
                "too large"));
}

TEST(CheckPatterns, FindsASelectorThatDoesNotCompile) {
  EXPECT_TRUE(one_error(check_text("SecRule ARGS|!ARGS:/a(/ \"@rx x\" \"id:1,deny\"\n"),
                        23, "ARGS"));
  EXPECT_TRUE(
      one_error(check_text("SecRuleUpdateTargetById 3 \"!ARGS:/a(/\"\n"), 37, "ARGS"));
}

TEST(CheckPatterns, FindsASelectorThatIsTakenAsAName) {
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS:/a=b/ \"@rx x\" \"id:1,deny\"\n"), 14, "name"));
}

// It passed, and the library crashed when the first transaction was to be logged.
TEST(CheckPatterns, FindsARelevantStatusThatDoesNotCompile) {
  EXPECT_TRUE(one_error(check_text("SecAuditLogRelevantStatus \"^(\"\n"), 30,
                        "SecAuditLogRelevantStatus"));
  EXPECT_TRUE(one_error(check_text("SecAuditLogRelevantStatus ^(\n"), 29, "parenthesis"));
  EXPECT_TRUE(
      check_text("SecAuditLogRelevantStatus \"^(?:5|4(?!04))\"\n").errors.empty());
}

TEST(CheckPatterns, WarnsOfPatternsInCtl) {
  EXPECT_TRUE(has_warning(
      check_text(
          "SecRule ARGS \"a\" \"id:1,pass,ctl:ruleRemoveTargetById=3;ARGS:/x/\"\n"),
      "ctl"));
  EXPECT_FALSE(has_warning(
      check_text("SecRule ARGS \"a\" \"id:1,pass,ctl:ruleRemoveTargetById=3;ARGS:x\"\n"),
      "ctl"));
}

TEST(CheckIds, NamesBothPlacesOfADuplicate) {
  const Report report =
      check_text("SecAction \"id:7,pass\"\n\n  SecRule ARGS \"a\" \"id:'7',deny\"\n");
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].line, 4);
  EXPECT_NE(report.errors[0].text.find("/rules/test.conf:2"), std::string::npos);
}

TEST(CheckIds, FindsDuplicatesAcrossFiles) {
  const Folder folder;
  const auto a = folder.write("a.conf", "SecRuleEngine On\nSecAction \"id:7,pass\"\n");
  const auto b = folder.write("b.conf", "SecAction \"id:7,pass\"\n");
  const Report report = check(read_rules({a, b}));
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].file, b);
  EXPECT_NE(report.errors[0].text.find(a + ":2"), std::string::npos);
}

TEST(CheckIds, DemandsAnIdOfRulesAndActions) {
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS \"a\" \"deny\"\n"), 1, "SecRule without an id"));
  EXPECT_TRUE(
      one_error(check_text("SecAction \"pass\"\n"), 1, "SecAction without an id"));
}

TEST(CheckIds, DemandsNoneOfChainedRules) {
  EXPECT_TRUE(
      check_text(
          "SecRule ARGS \"a\" \"id:1,chain,deny\"\nSecRule ARGS \"b\" \"t:none\"\n")
          .errors.empty());
}

TEST(CheckIds, FindsAChainWithoutAnEnd) {
  EXPECT_TRUE(
      one_error(check_text("SecRule ARGS \"a\" \"id:1,chain,deny\"\n"), 1, "chain"));
}

TEST(CheckOperators, FindsANameTheLibraryDoesNotKnow) {
  EXPECT_TRUE(one_error(check_text("SecRule ARGS \"@detectSQL\" \"id:1,deny\"\n"), 15,
                        "@detectSQL"));
  EXPECT_TRUE(one_error(check_text("SecRule ARGS \"@detectXSS x\" \"id:1,deny\"\n"), 15,
                        "@detectXSS"));
}

TEST(CheckOperators, FindsANameTheLibraryShortens) {
  EXPECT_TRUE(one_error(check_text("SecRule ARGS \"@containsAll a\" \"id:1,deny\"\n"), 28,
                        "@contains"));
}

TEST(CheckOperators, RefusesRemoteRules) {
  EXPECT_TRUE(one_error(check_text("SecRemoteRules key https://example.org/rules\n"), 1,
                        "SecRemoteRules"));
}

TEST(CheckOperators, WarnsOfAnUpdateThatTakesTheVerdictAway) {
  EXPECT_TRUE(has_warning(check_text("SecRuleUpdateActionById 1 \"nolog\"\n"), "rule 1"));
  EXPECT_FALSE(
      has_warning(check_text("SecRuleUpdateActionById 1 \"nolog,deny\"\n"), "rule 1"));
}

TEST(CheckSettings, WarnsWhenNothingWouldBlock) {
  const std::string rule = "SecRule ARGS \"a\" \"id:1,deny\"\n";
  const auto warnings = [&](const std::string& text) {
    return check(read_text(text + rule, "/r.conf")).warnings;
  };
  EXPECT_EQ(warnings("").size(), 1U);
  EXPECT_EQ(warnings("SecRuleEngine DetectionOnly\n").size(), 1U);
  EXPECT_EQ(warnings("SecRuleEngine Off\n").size(), 1U);
  EXPECT_TRUE(warnings("SecRuleEngine On\n").empty());
  EXPECT_TRUE(warnings("SecRuleEngine DetectionOnly\nSecRuleEngine On\n").empty());
}

// The warning was given at the first rule, so not without rules.
TEST(CheckSettings, WarnsOfAnEngineThatIsNeverSetWithoutRulesToo) {
  for (const auto* text : {"", "# nothing\n", "SecRequestBodyAccess On\n"}) {
    const Report report = check(read_text(text, "/r.conf"));
    EXPECT_TRUE(has_warning(report, "SecRuleEngine is never set")) << text;
    ASSERT_FALSE(report.warnings.empty());
    EXPECT_EQ(report.warnings[0].file, "/r.conf");
  }
}

// An empty file, or an Include that was forgotten, inspected nothing without a word.
TEST(CheckSettings, WarnsWhenNoRuleIsLoaded) {
  EXPECT_TRUE(has_warning(check_text(""), "no rule is loaded"));
  for (const auto* rule :
       {"SecRule ARGS \"a\" \"id:1,deny\"\n", "SecAction \"id:1,pass\"\n",
        "SecRuleScript a.lua \"id:1\"\n"}) {
    EXPECT_FALSE(has_warning(check_text(rule), "no rule is loaded")) << rule;
  }
}

TEST(CheckSettings, SaysNothingOfRulesThatCouldNotBeRead) {
  const Report report = check(read_rules({"/nonexistent/a.conf"}));
  EXPECT_EQ(report.errors.size(), 1U);
  EXPECT_TRUE(report.warnings.empty());
}

// The remedy named arguments tx.NAME, which do not exist.
TEST(CheckSettings, AdvisesToCountAndDenyInHaproxy) {
  const Report report = check_text("SecAction \"id:1,pass,setvar:ip.count=+1\"\n");
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_EQ(report.warnings[0].remedy.find("tx."), std::string::npos);
  EXPECT_NE(report.warnings[0].remedy.find("deny"), std::string::npos);
}

TEST(CheckSettings, WarnsOfLimitsOldLibrariesIgnore) {
  EXPECT_TRUE(has_warning(check_text("SecPcreMatchLimit 1000\n"), "3.0.10"));
}

TEST(CheckSettings, WarnsOfRulesThatCountBetweenRequests) {
  EXPECT_TRUE(has_warning(
      check_text("SecAction \"id:1,phase:1,pass,initcol:ip=%{REMOTE_ADDR}\"\n"
                 "SecRule ARGS \"a\" \"id:2,phase:2,pass,setvar:ip.count=+1\"\n"),
      "rule 2"));
  EXPECT_FALSE(has_warning(check_text("SecAction \"id:1,pass,setvar:tx.ip.count=+1\"\n"),
                           "rule 1"));
}

TEST(CheckSettings, WarnsOfTheCoreRuleSetsDosRulesOnlyWhenTheyAreSetUp) {
  const std::string dos =
      "SecRule &TX:a \"@eq 0\" \"id:912100,pass\"\nSecAction "
      "\"id:912160,pass,setvar:'ip.dos_counter=+1'\"\n";
  EXPECT_TRUE(check_text(dos).warnings.empty());
  EXPECT_TRUE(has_warning(
      check_text("SecAction \"id:900700,pass,setvar:'tx.dos_burst_time_slice=60'\"\n" +
                 dos),
      "DoS"));
}

TEST(Check, OrdersWhatItFindsByPlace) {
  const Report report = check_text(
      "SecRule ARGS \"(\" \"id:1,deny\"\nSecAction \"pass\"\nSecRule ARGS \"[\" "
      "\"id:1,deny\"\n");
  ASSERT_EQ(report.errors.size(), 4U);
  for (std::size_t i = 1; i < report.errors.size(); ++i) {
    EXPECT_LE(report.errors[i - 1].line, report.errors[i].line);
  }
}

TEST(Check, PassesTheReadersFindingsOn) {
  EXPECT_EQ(check_text("Include /nonexistent/a.conf\n").errors.size(), 1U);
}

}  // namespace
}  // namespace spoa::seclang
