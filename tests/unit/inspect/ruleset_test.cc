#include "ruleset.h"

#include "engine.h"
#include "rules.h"

namespace spoa::inspect {
namespace {

TEST(RuleSet, KnowsWhichRulesDrop) {
  const auto rules = rules_of("SecAction \"id:1,phase:1,drop\"\n", {{1}, {}});
  EXPECT_EQ(rules->facts().drops.count(1), 1U);
  EXPECT_EQ(rules->facts().drops.count(2), 0U);
}

TEST(RuleSet, HandsOnWhatTheLibraryRefuses) {
  const RulesFile file("SecNonsense On\n");
  const auto loaded = RuleSet::load({file.path()});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, file.path());
  EXPECT_NE(loaded.error().text.find("Line: 3"), std::string::npos)
      << loaded.error().text;
}

// The library counts such a load as a success.
TEST(RuleSet, DoesNotLoadWhenTheAuditLogCannotBeOpened) {
  const RulesFile file(
      "SecAuditEngine On\nSecAuditLogType Serial\nSecAuditLog "
      "/nonexistent/folder/audit.log\n");
  EXPECT_FALSE(RuleSet::load({file.path()}));
}

TEST(RuleSet, DoesNotLoadAFileThatIsNotThere) {
  EXPECT_FALSE(RuleSet::load({"/nonexistent/rules.conf"}));
}

TEST(Engine, RunsWithTheLibraryItWasBuiltFor) {
  EXPECT_EQ(library_version(), header_version());
  EXPECT_EQ(library_version().find_first_not_of("0123456789."), std::string::npos);
}

}  // namespace
}  // namespace spoa::inspect
