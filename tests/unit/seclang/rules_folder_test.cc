// The rules this project ships, as their reader sees them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "check.h"
#include "rule.h"

namespace spoa::seclang {
namespace {

const std::string kRules = SPOA_SOURCE_DIR "/rules/";

std::string all(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text +=
        problem.file + ":" + std::to_string(problem.line) + ": " + problem.text + "\n";
  }
  return text;
}

TEST(ShippedRules, HaveNeitherErrorsNorWarnings) {
  for (const auto* name : {"baseline.conf", "main.conf"}) {
    const Report report = check(read_rules({kRules + name}));
    EXPECT_TRUE(report.errors.empty()) << name << "\n" << all(report.errors);
    EXPECT_TRUE(report.warnings.empty()) << name << "\n" << all(report.warnings);
  }
}

TEST(ShippedRules, KeepToTheirRangeOfIds) {
  const Document document = read_rules({kRules + "baseline.conf"});
  std::size_t count = 0;
  for (const Rule& rule : rules_of(document)) {
    if (rule.chained) continue;
    ++count;
    EXPECT_GE(rule.id, 520000);
    EXPECT_LE(rule.id, 520999);
  }
  EXPECT_GT(count, 20U);
}

TEST(ShippedRules, SayWhyTheyBlock) {
  const Document document = read_rules({kRules + "baseline.conf"});
  for (const Rule& rule : rules_of(document)) {
    if (find_action(rule.actions, "deny") == nullptr) continue;
    for (const auto* action : {"msg", "severity", "tag", "status", "phase"}) {
      EXPECT_NE(find_action(rule.actions, action), nullptr) << rule.id << " " << action;
    }
  }
}

TEST(ShippedRules, LoadTheCoreRuleSetInItsOrderWhereItIsInstalled) {
  if (!std::filesystem::exists("/usr/share/modsecurity-crs/rules")) {
    GTEST_SKIP() << "the package modsecurity-crs is not installed";
  }
  const Document document = read_rules({kRules + "main.conf"});
  std::vector<std::int64_t> ids;
  for (const Rule& rule : rules_of(document)) {
    if (!rule.chained) ids.push_back(rule.id);
  }
  const auto at = [&](std::int64_t id) {
    return std::find(ids.begin(), ids.end(), id) - ids.begin();
  };
  EXPECT_LT(at(520006), at(900990)) << "settings come before crs-setup.conf";
  EXPECT_LT(at(900990), at(901001)) << "crs-setup.conf comes before the rules";
  EXPECT_LT(at(942100), at(949110)) << "detection comes before the verdict";
  EXPECT_LT(at(949110), at(520100)) << "the baseline rules come last";
  EXPECT_LT(at(520100), static_cast<std::ptrdiff_t>(ids.size()));
}

}  // namespace
}  // namespace spoa::seclang
