#include "reader.h"

#include <gtest/gtest.h>

#include "folder.h"

namespace spoa::seclang {
namespace {

Document read(std::string_view text) { return read_text(text, "/rules/test.conf"); }

std::vector<std::string> texts(const Directive& directive) {
  std::vector<std::string> out;
  for (const Argument& argument : directive.arguments) out.push_back(argument.text);
  return out;
}

using Texts = std::vector<std::string>;

TEST(ReadRules, TellsVariablesOperatorAndActionsApart) {
  const Document document = read("SecRule ARGS|!ARGS:x \"@rx a b\" \"id:1,deny\"\n");
  ASSERT_EQ(document.directives.size(), 1U);
  EXPECT_EQ(texts(document.directives[0]),
            (Texts{"ARGS|!ARGS:x", "@rx a b", "id:1,deny"}));
  EXPECT_TRUE(document.problems.empty());
}

TEST(ReadRules, KnowsLineAndColumnOfEveryArgument) {
  const Document document =
      read("\n# comment\n  SecRule ARGS \\\n    \"@rx x\" \\\n \"id:1\"\n");
  ASSERT_EQ(document.directives.size(), 1U);
  const Directive& rule = document.directives[0];
  EXPECT_EQ(rule.place, (Place{3, 3}));
  EXPECT_EQ(rule.file, "/rules/test.conf");
  ASSERT_EQ(rule.arguments.size(), 3U);
  EXPECT_EQ(rule.arguments[0].place, (Place{3, 11}));
  EXPECT_EQ(rule.arguments[1].place, (Place{4, 6}));
  EXPECT_EQ(rule.arguments[2].place, (Place{5, 3}));
}

TEST(ReadRules, FindsAPlaceInsideAnArgumentOfSeveralLines) {
  const Document document = read("SecAction \"id:1,\\\n  pass\"\n");
  const Argument& actions = document.directives.at(0).arguments.at(0);
  EXPECT_EQ(place_in(actions, 0), (Place{1, 12}));
  EXPECT_EQ(place_in(actions, actions.text.find("pass")), (Place{2, 3}));
}

TEST(ReadRules, AcceptsCarriageReturns) {
  const Document document = read(
      "SecRuleEngine On\r\nSecRule ARGS \"@rx x\" \\\r\n  \"id:1,\\\r\n  "
      "deny\"\r\nSecAction \"id:2\"\r\n");
  ASSERT_EQ(document.directives.size(), 3U);
  EXPECT_EQ(texts(document.directives[0]), Texts{"On"});
  EXPECT_EQ(document.directives[1].arguments.size(), 3U);
  EXPECT_TRUE(document.problems.empty());
}

TEST(ReadRules, TakesActionsFromTheNextLineWithoutABackslash) {
  const Document document =
      read("SecRule ARGS \"@rx a\"\n  \"id:1,deny\"\nSecRuleEngine On\n");
  ASSERT_EQ(document.directives.size(), 2U);
  EXPECT_EQ(texts(document.directives[0]), (Texts{"ARGS", "@rx a", "id:1,deny"}));
}

TEST(ReadRules, ReadsTheLastRuleOfAChainWithoutActions) {
  const Document document = read(
      "SecRule ARGS \"a\" \"id:1,chain,deny\"\n  SecRule ARGS \"b\"\n\nSecRuleEngine "
      "On\n");
  ASSERT_EQ(document.directives.size(), 3U);
  EXPECT_EQ(texts(document.directives[1]), (Texts{"ARGS", "b"}));
}

TEST(ReadRules, KeepsQuotesInsideTheTextOfAnAction) {
  const Document document = read(
      "SecRule ARGS \"a\" \"id:1,msg:'say \"x\", or \\'y\\'',deny\"\nSecRuleEngine On\n");
  ASSERT_EQ(document.directives.size(), 2U);
  EXPECT_EQ(document.directives[0].arguments.at(2).text,
            "id:1,msg:'say \"x\", or \\'y\\'',deny");
}

TEST(ReadRules, LetsACommentedOutRuleTakeItsContinuationLinesWithIt) {
  const Document document =
      read("#SecRule ARGS \"a\" \\\n  \"id:1,\\\n  deny\"\nSecAction \"id:2,pass\"\n");
  ASSERT_EQ(document.directives.size(), 1U);
  EXPECT_EQ(texts(document.directives[0]), Texts{"id:2,pass"});
}

TEST(ReadRules, EndsAnyOtherCommentWithItsLine) {
  const Document document = read("# a backslash ends this \\\nSecAction \"id:2,pass\"\n");
  EXPECT_EQ(document.directives.size(), 1U);
}

TEST(ReadRules, SplitsDirectivesOnOneLine) {
  const Document document = read("SecRuleEngine On SecRequestBodyAccess Off # why\n");
  ASSERT_EQ(document.directives.size(), 2U);
  EXPECT_EQ(document.directives[1].name, "SecRequestBodyAccess");
  EXPECT_EQ(texts(document.directives[1]), Texts{"Off"});
}

TEST(ReadRules, KeepsTheWholeLineOfSettingsThatTakeIt) {
  const Document document = read("SecResponseBodyMimeType text/plain  text/html \n");
  EXPECT_EQ(texts(document.directives.at(0)), Texts{"text/plain  text/html"});
}

TEST(ReadRules, ReadsTargetsOfAnUpdateWithAndWithoutQuotes) {
  const Document document = read(
      "SecRuleUpdateTargetById 12 \"!ARGS:a\"\nSecRuleUpdateTargetByTag \"a b\" "
      "!ARGS:c\n");
  ASSERT_EQ(document.directives.size(), 2U);
  EXPECT_EQ(texts(document.directives[0]), (Texts{"12", "!ARGS:a"}));
  EXPECT_EQ(texts(document.directives[1]), (Texts{"a b", "!ARGS:c"}));
}

TEST(ReadRules, NamesTheActionsOfAnUpdate) {
  const Document document = read("SecRuleUpdateActionById 12 \"pass,nolog\"\n");
  EXPECT_EQ(texts(document.directives.at(0)), (Texts{"12", "pass,nolog"}));
}

TEST(ReadRules, ComparesNamesInAnyCase) {
  const Document document = read("secruleengine on\n");
  EXPECT_TRUE(document.directives.at(0).is("SecRuleEngine"));
  EXPECT_FALSE(document.directives.at(0).is("SecRule"));
}

TEST(ReadRules, ReportsAnOperatorWhoseQuoteIsNotClosed) {
  const Document document = read("SecRuleEngine On\nSecRule ARGS \"@rx a\n");
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].line, 2);
  EXPECT_EQ(document.problems[0].column, 15);
}

// The library's lexer takes the byte after a percent sign along, even the closing quote.
TEST(ReadRules, ReportsAPercentSignInFrontOfTheClosingQuote) {
  const Document document = read("SecRule ARGS \"@contains 50%\" \"id:1,deny\"\n");
  ASSERT_FALSE(document.problems.empty());
  EXPECT_EQ(document.problems[0].line, 1);
}

// The library echoes it to standard output and goes on.
TEST(ReadRules, ReportsTextBehindTheOperator) {
  const Document document = read("SecRule ARGS \"@rx a\"b \"id:1,deny\"\n");
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].column, 21);
}

TEST(ReadRules, ReportsActionsWhoseInnerQuoteIsNotClosed) {
  const Document document = read("SecAction \"id:1,msg:'a,pass\"\nSecRuleEngine On\n");
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].line, 1);
}

TEST(ReadRules, WarnsWhenTheLineEndsTheActions) {
  const Document document = read("SecAction \"id:1,pass\nSecRuleEngine On\n");
  EXPECT_TRUE(document.problems.empty());
  EXPECT_EQ(document.warnings.size(), 1U);
  EXPECT_EQ(document.directives.size(), 2U);
}

// The library looks for a space, finds none, and reads from a null pointer.
TEST(ReadRules, ReportsATabInFrontOfAValueThatASpaceMustAnnounce) {
  for (const auto* line :
       {"SecAuditLog\t/dev/null", "secdebugloglevel\t3", "SecRuleRemoveById\t\t3",
        "SecResponseBodyMimeType\ta b", "SecRuleUpdateTargetById\t1 \"!ARGS:a\""}) {
    const Document document = read("SecRuleEngine On\n" + std::string(line) + "\n");
    ASSERT_EQ(document.problems.size(), 1U) << line;
    EXPECT_EQ(document.problems[0].line, 2);
    EXPECT_EQ(static_cast<std::size_t>(document.problems[0].column),
              std::string_view(line).find('\t') + 1);
  }
}

TEST(ReadRules, AcceptsTabsWhereTheLibraryDoes) {
  EXPECT_TRUE(read("SecRuleEngine\tOn\nSecAction\t\"id:1,pass\"\nSecRule\tARGS\t\"a\"\t"
                   "\"id:2\"\nSecDebugLogLevel \t3\nSecDebugLogLevel\t 3\n")
                  .problems.empty());
}

TEST(ReadRules, RemembersTheFilesThatWereAskedFor) {
  EXPECT_EQ(read_rules({"/nonexistent/a", "/nonexistent/b"}).files,
            (Texts{"/nonexistent/a", "/nonexistent/b"}));
}

TEST(ReadRules, ReportsAZeroByte) {
  const Document document = read(std::string_view("SecRuleEngine On\nS\0e\0c\0", 23));
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].line, 2);
}

TEST(ReadRules, ReportsAByteOrderMark) {
  const Document document = read("\xef\xbb\xbfSecRuleEngine On\n");
  EXPECT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.directives.size(), 1U);
}

TEST(ReadRules, EndsOnEveryPrefixOfAFile) {
  const std::string_view text =
      "SecRule \"ARGS:'/a|b/'|!ARGS:/c/\" \"!@rx \\\"%{tx.a}\" \\\r\n"
      "  \"id:'1',msg:'x \\' "
      "%{MATCHED_VAR}',setvar:'tx.a=%{tx.b}',initcol:ip=%{REMOTE_ADDR}\"\n"
      "#SecRule a \\\nx\nInclude nothing*\nSecRuleUpdateTargetById 1 !ARGS:/x/\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const Document document = read(text.substr(0, length));
    EXPECT_LE(document.directives.size(), 3U);
  }
}

}  // namespace
}  // namespace spoa::seclang
