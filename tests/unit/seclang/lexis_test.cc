#include "lexis.h"

#include <gtest/gtest.h>

#include "rule.h"

namespace spoa::seclang {
namespace {

TEST(ReadOperator, TakesTextWithoutANameAsAPattern) {
  const Operator test = read_operator("^a");
  EXPECT_TRUE(test.implicit);
  EXPECT_EQ(test.name, "rx");
  EXPECT_EQ(test.argument, "^a");
}

TEST(ReadOperator, SplitsNegationNameAndArgument) {
  const Operator test = read_operator("!@streq a b");
  EXPECT_TRUE(test.negated);
  EXPECT_EQ(test.name, "streq");
  EXPECT_EQ(test.argument, "a b");
  EXPECT_EQ(test.argument_offset, 8U);
}

TEST(ReadOperator, PrefersTheLongerName) {
  EXPECT_EQ(read_operator("@rxGlobal a").name, "rxglobal");
  EXPECT_EQ(read_operator("@pmFromFile a").name, "pmfromfile");
  EXPECT_EQ(read_operator("@PMF a").name, "pmf");
  EXPECT_EQ(read_operator("@containsWord a").name, "containsword");
  EXPECT_EQ(read_operator("@ge 1").name, "ge");
}

TEST(ReadOperator, SeesMacros) {
  EXPECT_TRUE(read_operator("@rx a%{tx.b}").macros);
  EXPECT_FALSE(read_operator("@rx a%20").macros);
  EXPECT_FALSE(read_operator("@rx a\\%{tx.b}").macros);
}

TEST(ReadOperator, KnowsWhatTheLibraryTakesAsAPattern) {
  EXPECT_EQ(read_operator("@detectSQL").unknown, "@detectSQL");
  EXPECT_TRUE(read_operator("@detectSQLi now").implicit);
  EXPECT_FALSE(read_operator("@detectSQLi").implicit);
}

// The library's lexer takes one blank alone as the beginning of a pattern.
TEST(ReadOperator, TakesASingleBlankInFrontAsAPattern) {
  EXPECT_EQ(read_operator(" @eq 0").unknown, "@eq");
  EXPECT_EQ(read_operator("! @eq 0").unknown, "@eq");
  EXPECT_EQ(read_operator("  @eq 0").name, "eq");
}

TEST(ReadOperator, KnowsWhatTheLibraryDropsFromAName) {
  EXPECT_EQ(read_operator("@containsAny a").ignored, "Any");
  EXPECT_EQ(read_operator("@contains a").ignored, "");
}

TEST(OperatorLength, EndsAtTheFirstQuoteThatIsNotEscaped) {
  EXPECT_EQ(quoted_operator_length("@rx a\" \"id:1\""), 5U);
  EXPECT_EQ(quoted_operator_length("@rx a\\\"b\" x"), 8U);
  EXPECT_EQ(quoted_operator_length("@rx a\\\\\" x"), 7U);
  EXPECT_EQ(quoted_operator_length("@rx a\\\\\\\"b\" x"), 10U);
  EXPECT_EQ(quoted_operator_length("@rx a"), std::string_view::npos);
}

// Nothing is in front of the backslash, so the library's lexer does not see an escape.
TEST(OperatorLength, EndsAtAnEscapedQuoteThatBeginsTheArgument) {
  EXPECT_EQ(quoted_operator_length("@rx \\\"b\" x"), 5U);
}

TEST(OperatorLength, PassesOverMacros) {
  EXPECT_EQ(quoted_operator_length("@streq %{tx.a}\" x"), 14U);
}

TEST(ReadActions, SplitsNamesAndValues) {
  const Actions list = read_actions("id:'7', phase:2 ,t:none,msg:'a, \"b\"',deny\" rest");
  ASSERT_TRUE(list.closed);
  ASSERT_EQ(list.actions.size(), 5U);
  EXPECT_EQ(list.actions[0].value, "7");
  EXPECT_EQ(list.actions[1].value, "2");
  EXPECT_EQ(list.actions[3].name, "msg");
  EXPECT_EQ(list.actions[3].value, "a, \"b\"");
  EXPECT_EQ(list.actions[4].name, "deny");
  EXPECT_EQ(list.actions[4].value, "");
}

TEST(ReadActions, KeepsCommasInsideMacrosAndQuotes) {
  const Actions list =
      read_actions("initcol:ip=%{REMOTE_ADDR}_%{tx.a},setvar:'tx.b=c,d',Pass\"");
  ASSERT_EQ(list.actions.size(), 3U);
  EXPECT_EQ(list.actions[0].value, "ip=%{REMOTE_ADDR}_%{tx.a}");
  EXPECT_EQ(list.actions[1].value, "tx.b=c,d");
  EXPECT_EQ(list.actions[2].name, "pass");
}

TEST(ReadActions, EndsASetvarWithTheWholeList) {
  const Actions list = read_actions("id:1,setvar:'tx.a=1\" rest");
  EXPECT_TRUE(list.closed);
  ASSERT_EQ(list.actions.size(), 2U);
  EXPECT_EQ(list.actions[1].value, "tx.a=1");
}

TEST(ReadActions, GoesOnOverHiddenLineBreaks) {
  const Actions list = read_actions("id:1,\\\n  phase:1,\\\r\n  pass\"");
  EXPECT_TRUE(list.closed);
  EXPECT_EQ(list.actions.size(), 3U);
}

TEST(ReadVariables, SplitsAtPipesAndCommas) {
  const auto list = read_variables("ARGS:a|!REQUEST_COOKIES:/^b/,&tx:c REST");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].name, "ARGS");
  EXPECT_EQ(list[0].selector, "a");
  EXPECT_FALSE(list[0].regex);
  EXPECT_TRUE(list[1].excluded);
  EXPECT_TRUE(list[1].regex);
  EXPECT_EQ(list[1].selector, "^b");
  EXPECT_TRUE(list[2].counted);
  EXPECT_EQ(list[2].name, "TX");
}

TEST(ReadVariables, LetsQuotesHoldAPipe) {
  const auto list = read_variables("ARGS:'/a|b/'|TX:x");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_TRUE(list[0].regex);
  EXPECT_EQ(list[0].selector, "a|b");
  EXPECT_EQ(list[1].name, "TX");
}

TEST(ReadVariables, SeesAPatternTheLibraryTakesAsAName) {
  const auto list = read_variables("ARGS:/a=b/");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_FALSE(list[0].regex);
  EXPECT_TRUE(list[0].looks_regex);
}

TEST(ReadVariables, TakesXPathAsItIs) {
  const auto list = read_variables("XML:/*|XML://@*|ARGS");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].selector, "/*");
  EXPECT_FALSE(list[0].looks_regex);
  EXPECT_EQ(list[1].selector, "//@*");
}

TEST(RulesOf, LinksAChainAndGivesItThePhaseOfItsFirstRule) {
  const Document document = read_text(
      "SecRule ARGS \"a\" \"id:5,phase:2,chain,deny\"\nSecRule ARGS \"b\" \"chain\"\n"
      "SecRule ARGS \"c\" \"t:none\"\nSecAction \"id:6,phase:'request',pass\"\n",
      "a.conf");
  const auto rules = rules_of(document);
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_FALSE(rules[0].chained);
  EXPECT_TRUE(rules[1].chained);
  EXPECT_TRUE(rules[2].chained);
  EXPECT_EQ(rules[2].phase, 2);
  EXPECT_FALSE(rules[3].chained);
  EXPECT_EQ(rules[3].phase, 2);
  EXPECT_EQ(rules[3].id, 6);
}

}  // namespace
}  // namespace spoa::seclang
