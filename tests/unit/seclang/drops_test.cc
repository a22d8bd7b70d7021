#include "drops.h"

#include <gtest/gtest.h>

namespace spoa::seclang {
namespace {

using Ids = std::unordered_set<std::int64_t>;

Ids drops(std::string_view text) { return ids_that_drop(read_text(text, "a.conf")); }

TEST(IdsThatDrop, NamesRulesThatSaySo) {
  EXPECT_EQ(drops("SecRule ARGS \"a\" \"id:1,drop\"\nSecAction \"id:2,deny\"\nSecAction "
                  "\"id:3,drop\"\n"),
            (Ids{1, 3}));
}

TEST(IdsThatDrop, LetsTheLastVerdictOfARuleWin) {
  EXPECT_EQ(drops("SecAction \"id:1,drop,deny\"\nSecAction \"id:2,deny,drop\"\n"),
            Ids{2});
}

TEST(IdsThatDrop, ResolvesBlockThroughTheDefaultOfThePhase) {
  EXPECT_EQ(drops("SecAction \"id:1,phase:1,block\"\nSecAction \"id:2,phase:2,block\"\n"
                  "SecDefaultAction \"phase:2,log,drop\"\nSecDefaultAction "
                  "\"phase:1,log,deny\"\n"),
            Ids{2});
}

TEST(IdsThatDrop, FollowsUpdatesOfActions) {
  EXPECT_EQ(
      drops("SecAction \"id:1,drop\"\nSecAction \"id:2,deny\"\n"
            "SecRuleUpdateActionById 1 \"deny\"\nSecRuleUpdateActionById 2 \"drop\"\n"),
      Ids{2});
}

TEST(IdsThatDrop, TakesAChainByItsFirstRule) {
  EXPECT_EQ(drops("SecRule ARGS \"a\" \"id:1,phase:2,chain,drop\"\nSecRule ARGS \"b\" "
                  "\"t:none\"\n"),
            Ids{1});
}

TEST(IdsThatDrop, IgnoresAPhaseThatDoesNotExist) {
  EXPECT_TRUE(
      drops("SecDefaultAction \"phase:77,drop\"\nSecAction \"id:1,phase:77,block\"\n")
          .empty());
}

}  // namespace
}  // namespace spoa::seclang
