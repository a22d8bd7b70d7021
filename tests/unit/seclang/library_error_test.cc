#include "library_error.h"

#include <gtest/gtest.h>

#include "folder.h"

namespace spoa::seclang {
namespace {

TEST(FromLibraryError, TakesFileLineAndColumn) {
  const Problem problem = from_library_error(
      "Rules error. File: /etc/a. b.conf. Line: 12. Column: 23. Invalid input:  Foo bar "
      "\n",
      "/x");
  EXPECT_EQ(problem.file, "/etc/a. b.conf");
  EXPECT_EQ(problem.line, 12);
  EXPECT_EQ(problem.column, 23);
  EXPECT_EQ(problem.text, "libmodsecurity: Invalid input: Foo bar");
}

// Some errors come with an empty file and line 1, wherever they are.
TEST(FromLibraryError, DistrustsALineWithoutAFile) {
  const Problem problem = from_library_error(
      "Rules error. File: . Line: 1. Column: 0. Failed to start DebugLog: no",
      "/etc/x.conf");
  EXPECT_EQ(problem.file, "/etc/x.conf");
  EXPECT_EQ(problem.line, 0);
  EXPECT_EQ(problem.text, "libmodsecurity: Failed to start DebugLog: no");
}

TEST(FromLibraryError, KeepsABareText) {
  const Problem problem = from_library_error("Rule id: 1 is duplicated\n", "/etc/x.conf");
  EXPECT_EQ(problem.file, "/etc/x.conf");
  EXPECT_EQ(problem.line, 0);
  EXPECT_EQ(problem.text, "libmodsecurity: Rule id: 1 is duplicated");
}

TEST(FromLibraryError, SaysSoWhenThereIsNoText) {
  EXPECT_FALSE(from_library_error("", "/x").text.empty());
  EXPECT_FALSE(from_library_error("Rules error. File: a. Line: 3. Column: 4. ", "/x")
                   .text.empty());
}

// As libmodsecurity 3.0.9 reports an error in `text`, the file t.conf.
Problem place(std::string_view text, const std::string& at, const std::string& said) {
  const std::string error = at.empty() ? said : "Rules error. File: " + at + ". " + said;
  return from_library_error(error, "t.conf", read_text(text, "t.conf"));
}

testing::AssertionResult is_at(const Problem& problem, int line, int column) {
  if (problem.file == "t.conf" && problem.line == line && problem.column == column) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << problem.file << ":" << problem.line << ":" << problem.column;
}

// The parser's place is that of the last word before the directive it refuses.
TEST(PlaceLibraryError, TakesTheDirectiveThatFollowsWhenTheTextNamesIt) {
  EXPECT_TRUE(
      is_at(place("SecRuleEngine On\n\n  SecRuleScript nope.lua \"id:6\"\n", "t.conf",
                  "Line: 1. Column: 16. Failed to load script: cannot open nope.lua"),
            3, 3));
  EXPECT_TRUE(is_at(place("SecRuleEngine On\nSecRuleRemoveById abc\n", "t.conf",
                          "Line: 1. Column: 16. SecRuleRemoveById: failed to load:abc. "),
                    2, 1));
  EXPECT_TRUE(is_at(place("SecRuleRemoveById 1\nSecRuleRemoveById abc\n", "t.conf",
                          "Line: 1. Column: 19. SecRuleRemoveById: failed to load:abc. "),
                    2, 1));
  EXPECT_TRUE(is_at(place("SecAction \"id:1,pass\"\nSecDefaultAction \"log\"\n", "t.conf",
                          "Line: 1. Column: 20. The action 'id' is not suitable to be "
                          "part of the SecDefaultActions "),
                    2, 1));
}

// In front of the first directive there is no word, so no file, and a line that is made
// up.
TEST(PlaceLibraryError, FindsAFirstDirectiveByItsName) {
  EXPECT_TRUE(is_at(place("# x\nSecCookieFormat 1\n", "",
                          "Rules error. File: . Line: 1. Column: 0. SecCookieFormat 1 is "
                          "not yet supported. "),
                    2, 1));
}

TEST(PlaceLibraryError, LooksForTheNextDirectiveInWhatIsIncluded) {
  const Folder folder;
  const std::string inner = folder.write("inner.conf", "\nSecCookieFormat 1\n");
  const std::string outer =
      folder.write("outer.conf", "SecRuleEngine On\nInclude " + inner + "\n");
  const Problem problem =
      from_library_error("Rules error. File: " + outer +
                             ". Line: 1. Column: 16. SecCookieFormat 1 is not yet "
                             "supported. ",
                         outer, read_rules({outer}));
  EXPECT_EQ(problem.file, inner);
  EXPECT_EQ(problem.line, 2);
}

// `@ipMatch 999.1.1.1` is refused with a place and no word.
TEST(PlaceLibraryError, NamesTheOperatorTheLibraryIsSilentAbout) {
  const Problem problem =
      place("SecRuleEngine On\nSecRule ARGS \\\n  \"@ipMatch 999.1.1.1\" \"id:1\"\n",
            "t.conf", "Line: 2. Column: 12. ");
  EXPECT_TRUE(is_at(problem, 3, 4));
  EXPECT_NE(problem.text.find("SecRule"), std::string::npos);
  EXPECT_NE(problem.text.find("@ipMatch 999.1.1.1"), std::string::npos);
  EXPECT_FALSE(problem.remedy.empty());
}

TEST(PlaceLibraryError, FindsTheWordsTheLibraryQuotes) {
  EXPECT_TRUE(
      is_at(place("SecRule ARGS \"@rx b\" \\\n  \"id:1,\\\n deny,foo\"\n", "t.conf",
                  "Line: 3. Column: 10. Expecting an action, got:  foo\""),
            3, 7));
  EXPECT_TRUE(is_at(
      place(
          "SecRule ARGS|ARGZ \"@rx b\" \"id:1\"\n", "t.conf",
          "Line: 1. Column: 33. Expecting a variable, got:  :  ARGZ \"@rx b\" \"id:1\""),
      1, 14));
}

// The word that does not fit is the name of the directive behind.
TEST(PlaceLibraryError, BlamesTheDirectiveThatIsCutShort) {
  EXPECT_TRUE(is_at(place("\nSecRuleEngine\nSecAction \"id:7,pass\"\n", "t.conf",
                          "Line: 3. Column: 9. syntax error, unexpected "
                          "CONFIG_DIR_SEC_ACTION, expecting CONFIG_VALUE_ON "),
                    2, 1));
  EXPECT_TRUE(is_at(place("SecRuleEngine On\n SecRule ARGS\n\n", "t.conf",
                          "Line: 4. Column: 0. syntax error, unexpected end of file "),
                    2, 2));
}

// The library's lines lag behind where it does not count a break. Each of these loses
// some.
TEST(PlaceLibraryError, CountsTheLinesThatTheLibraryDoesNot) {
  const std::string_view text =
      "SecAction \\\n \"id:1,\\\n pass\"\n"                         // 1 to 3: loses 1
      "SecRule ARGS \\\n \"@rx a\" \\\n \"id:2,\\\n pass\"\n"       // 4 to 7: loses 1
      "SecRule ARGS \"@pm a\\\n b\" \"id:3,msg:'x\\\n y',pass\"\n"  // 8 to 10: loses 2
      "SecRule ARGS \"@rx a\" \"id:4,pass,chain\"\n"                // 11
      "SecRule ARGS \"@rx b\"\n\n"                                  // 12: loses 1
      "SecFoo\nSecRuleEngine On\n";                                 // 14
  EXPECT_TRUE(
      is_at(place(text, "t.conf", "Line: 9. Column: 7. Invalid input:  SecFoo"), 14, 1));
}

TEST(PlaceLibraryError, FindsAVerdictInsideOfAChain) {
  EXPECT_TRUE(
      is_at(place("SecRule ARGS \"b\" \"id:1,chain,pass\"\nSecRule ARGS \"c\" \"deny\"\n",
                  "", "Disruptive actions can only be specified by chain starter rules."),
            2, 1));
}

TEST(PlaceLibraryError, NamesTheFileAloneWhenNothingTells) {
  EXPECT_TRUE(is_at(place("SecRuleEngine On\n", "", "what is this"), 0, 0));
  EXPECT_TRUE(is_at(place("", "t.conf", "Line: 3. Column: 4. Invalid input:  x"), 0, 0));
}

}  // namespace
}  // namespace spoa::seclang
