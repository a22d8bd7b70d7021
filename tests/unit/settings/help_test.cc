#include <gtest/gtest.h>

#include <sstream>

#include "commands.h"

namespace spoa::settings {
namespace {

std::vector<std::string> every_help() {
  std::vector<std::string> texts{help_text()};
  for (const CommandInfo& command : commands()) texts.push_back(help_text(command));
  return texts;
}

TEST(HelpText, FitsEightyColumnsWithoutTrailingSpaces) {
  for (const std::string& text : every_help()) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    EXPECT_TRUE(text.ends_with('\n'));
  }
}

TEST(HelpText, NamesEveryFlagWithItsDefault) {
  const std::string text = help_text();
  for (const Setting* setting : flags_of(commands().front())) {
    EXPECT_NE(text.find("  " + std::string(setting->flag) + ' '), std::string::npos)
        << setting->flag;
  }
  EXPECT_NE(text.find("Default: 1024."), std::string::npos);
  EXPECT_NE(text.find("Default: 1MiB."), std::string::npos);
}

TEST(HelpText, KeepsToTheFlagsOfItsCommand) {
  const std::string check = help_text(commands()[1]);
  EXPECT_NE(check.find("--rules FILE"), std::string::npos);
  EXPECT_EQ(check.find("--queue"), std::string::npos);
}

TEST(HelpText, DoesNotNameWhatDoesNotExist) {
  // --admin once promised a reload over HTTP.
  for (const char* word :
       {"explain", "replay", "tune", "shadow", "--haproxy", "reload"}) {
    EXPECT_EQ(help_text().find(word), std::string::npos) << word;
  }
}

TEST(Wrapped, BreaksAtSpacesAndKeepsLongWordsWhole) {
  EXPECT_EQ(wrapped("aa bb cc", 1, 6), " aa bb\n cc\n");
  EXPECT_EQ(wrapped("aaaaaaaaaa b", 2, 6), "  aaaaaaaaaa\n  b\n");
  EXPECT_EQ(wrapped("", 2, 6), "");
}

}  // namespace
}  // namespace spoa::settings
