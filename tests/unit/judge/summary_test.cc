#include "summary.h"

#include <gtest/gtest.h>

namespace spoa::judge {
namespace {

std::vector<RuleMatch> matches(const std::vector<std::int64_t>& ids) {
  std::vector<RuleMatch> all;
  for (const std::int64_t id : ids) {
    all.emplace_back();
    all.back().id = id;
  }
  return all;
}

TEST(Summarise, ListsDistinctRulesInOrderOfFirstMatch) {
  const Summary summary = summarise(matches({942100, 920350, 942100}));
  EXPECT_EQ(summary.rules_hit, 2U);
  EXPECT_EQ(summary.rule_ids, "942100,920350");
}

TEST(Summarise, SaysNothingWithoutMatches) {
  EXPECT_EQ(summarise({}).rules_hit, 0U);
  EXPECT_EQ(summarise({}).rule_ids, "");
}

TEST(Summarise, ListsAtMost32ButCountsAll) {
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 1; id <= 40; ++id) ids.push_back(id);
  const Summary summary = summarise(matches(ids));
  EXPECT_EQ(summary.rules_hit, 40U);
  EXPECT_EQ(summary.rule_ids.substr(summary.rule_ids.size() - 6), ",31,32");
}

}  // namespace
}  // namespace spoa::judge
