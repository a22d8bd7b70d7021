#include "tags.h"

#include <gtest/gtest.h>

namespace spoa::seclang {
namespace {

using Tags = std::vector<std::string>;

// libmodsecurity reports no tags of rules that have multiMatch.
TEST(TagsById, NamesTheTagsOfARuleInTheirOrder) {
  const auto tags = tags_by_id(read_text(
      "SecRule ARGS \"a\" \"id:1,multiMatch,deny,tag:'attack-sqli',tag:paranoia-level/1\""
      "\nSecAction \"id:2,pass,tag:'b c'\"\n",
      "a.conf"));
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags.at(1), (Tags{"attack-sqli", "paranoia-level/1"}));
  EXPECT_EQ(tags.at(2), Tags{"b c"});
}

TEST(TagsById, LeavesOutMacrosAndRulesWithoutTags) {
  EXPECT_TRUE(tags_by_id(read_text("SecAction \"id:1,pass,tag:'a %{tx.b}'\"\n"
                                   "SecAction \"id:2,pass\"\n",
                                   "a.conf"))
                  .empty());
}

TEST(TagsById, TakesAChainByItsFirstRule) {
  const auto tags =
      tags_by_id(read_text("SecRule ARGS \"a\" \"id:1,chain,deny,tag:first\"\n"
                           "SecRule ARGS \"b\" \"id:7,tag:second\"\n",
                           "a.conf"));
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags.at(1), Tags{"first"});
}

}  // namespace
}  // namespace spoa::seclang
