#include "docs.h"

#include <gtest/gtest.h>

#include "table.h"

namespace spoa::settings {
namespace {

TEST(Filled, ReplacesWhatStandsBetweenTheMarkers) {
  const auto text =
      filled("before\n<!-- settings: begin -->\nstale\n<!-- settings: end -->\nafter\n");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("before\n<!-- settings: begin -->\n| setting |"))
      << *text;
  EXPECT_TRUE(text->ends_with("|\n<!-- settings: end -->\nafter\n")) << *text;
  EXPECT_EQ(text->find("stale"), std::string::npos);
  EXPECT_EQ(filled(*text).value(), *text) << "filling twice must change nothing";
}

TEST(Filled, HasARowForEverySetting) {
  const auto text = filled("<!-- settings: begin -->\n<!-- settings: end -->\n");
  ASSERT_TRUE(text);
  for (const Setting& setting : table()) {
    EXPECT_NE(text->find(setting.help), std::string::npos) << setting.key;
  }
  EXPECT_NE(text->find("`applications.NAME.on-timeout` | `deny`"), std::string::npos);
  EXPECT_NE(text->find("`listen[].mode` | `0660`"), std::string::npos);
}

TEST(Filled, WritesManPageLists) {
  const auto text = filled("@settings@\n@flags check@\n");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find(".It Cm limits.connections\n"), std::string::npos);
  EXPECT_NE(text->find(".It Fl -rules Ar FILE\n"), std::string::npos);
  EXPECT_EQ(text->find('@'), std::string::npos);
}

TEST(Filled, RefusesMarkersItCannotServe) {
  EXPECT_FALSE(filled("@flags tune@\n"));
  EXPECT_FALSE(filled("<!-- settings: begin -->\n"));
  EXPECT_FALSE(filled("<!-- settings: end -->\n"));
}

}  // namespace
}  // namespace spoa::settings
