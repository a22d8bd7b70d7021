#include "invocation.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "spoa/exit_status.h"

namespace spoa::settings {
namespace {

class ReadInvocation : public testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(folder_.write("baseline.conf", "SecRuleEngine On\n"));
    static_cast<void>(folder_.write("own.conf", "SecRuleEngine On\n"));
  }

  Result<Invocation, InvocationError> invoke(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "spoa-modsecurity");
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    return read_invocation(static_cast<int>(argv.size()), argv.data(), where_);
  }

  int exit_status(std::vector<std::string> arguments) {
    const auto invocation = invoke(std::move(arguments));
    return invocation ? kExitDone : invocation.error().exit_status;
  }

  /// As if the package's settings file were there.
  void install_settings() {
    static_cast<void>(folder_.write(
        "packaged.yaml", "queue: 77\napplications: {shop: {rules: own.conf}}\n"));
  }

  Folder folder_;
  Installation where_{folder_.path("packaged.yaml"), folder_.path("baseline.conf"),
                      folder_.path("source.conf")};
};

TEST_F(ReadInvocation, UsesBuiltInDefaultsWithoutASettingsFile) {
  const auto invocation = invoke({});
  ASSERT_TRUE(invocation) << invocation.error().text;
  EXPECT_EQ(invocation->command, Command::kRun);
  EXPECT_EQ(invocation->settings_file, "");
  const Settings& settings = invocation->settings;
  EXPECT_EQ(to_text(settings.listen.at(0).address), "127.0.0.1:12345");
  EXPECT_EQ(to_text(settings.admin), "127.0.0.1:9180");
  EXPECT_EQ(settings.default_application, "default");
  ASSERT_EQ(settings.applications.size(), 1U);
  EXPECT_EQ(settings.applications[0].name, "default");
  EXPECT_EQ(settings.applications[0].rules, std::vector{folder_.path("baseline.conf")});
}

TEST_F(ReadInvocation, FallsBackToTheRulesOfTheSourceTree) {
  where_.rules_file = folder_.path("not-installed.conf");
  where_.source_rules_file = folder_.path("own.conf");
  const auto invocation = invoke({});
  ASSERT_TRUE(invocation) << invocation.error().text;
  EXPECT_EQ(invocation->settings.applications[0].rules,
            std::vector{folder_.path("own.conf")});
}

TEST_F(ReadInvocation, SaysWhichRulesAreMissingWhenThereAreNone) {
  where_.rules_file = folder_.path("not-installed.conf");
  const auto invocation = invoke({});
  ASSERT_FALSE(invocation);
  EXPECT_EQ(invocation.error().exit_status, kExitSettings);
  EXPECT_NE(invocation.error().text.find(folder_.path("not-installed.conf")),
            std::string::npos);
}

TEST_F(ReadInvocation, TakesThePackagedSettingsWhenTheyAreThere) {
  install_settings();
  const auto invocation = invoke({"check"});
  ASSERT_TRUE(invocation) << invocation.error().text;
  EXPECT_EQ(invocation->command, Command::kCheck);
  EXPECT_EQ(invocation->settings_file, where_.settings_file);
  EXPECT_EQ(invocation->settings.queue, 77U);
}

TEST_F(ReadInvocation, DoesWithoutThePackagedSettingsWhenRulesAreGiven) {
  install_settings();
  const auto invocation = invoke({"--rules", folder_.path("own.conf"), "--workers", "3"});
  ASSERT_TRUE(invocation) << invocation.error().text;
  EXPECT_EQ(invocation->settings_file, "");
  EXPECT_EQ(invocation->settings.queue, 1024U);
  EXPECT_EQ(invocation->settings.workers, 3U);
  EXPECT_EQ(invocation->settings.applications.at(0).name, "default");
  EXPECT_EQ(invocation->settings.applications[0].rules,
            std::vector{folder_.path("own.conf")});
}

TEST_F(ReadInvocation, LetsFlagsTakePrecedenceOverTheFile) {
  install_settings();
  const auto invocation =
      invoke({"--config", where_.settings_file, "--queue", "5", "--listen", "a:1"});
  ASSERT_TRUE(invocation) << invocation.error().text;
  EXPECT_EQ(invocation->settings.queue, 5U);
  EXPECT_EQ(to_text(invocation->settings.listen.at(0).address), "a:1");
}

TEST_F(ReadInvocation, TellsAWrongCommandLineFromWrongSettings) {
  install_settings();
  const std::string two =
      folder_.write("two.yaml",
                    "default-application: a\n"
                    "applications: {a: {rules: own.conf}, b: {rules: own.conf}}\n");
  const std::string bad = folder_.write("bad.yaml", "queue: 0\n");
  EXPECT_EQ(exit_status({"--nonsense"}), kExitUsage);
  EXPECT_EQ(exit_status({"explain"}), kExitUsage);
  EXPECT_EQ(exit_status({"--queue", "0"}), kExitUsage);
  EXPECT_EQ(exit_status({"--config", two, "--rules", folder_.path("own.conf")}),
            kExitUsage);
  EXPECT_EQ(exit_status({"--listen", "a:1", "--admin", "a:1"}), kExitUsage);
  EXPECT_EQ(exit_status({"--config", two}), kExitDone);
  EXPECT_EQ(exit_status({"--config", bad}), kExitSettings);
  EXPECT_EQ(exit_status({"--config", folder_.path("no.yaml")}), kExitSettings);
  EXPECT_EQ(exit_status({"check", "--rules", folder_.path("no.conf")}), kExitSettings);
}

TEST_F(ReadInvocation, EndsItsErrorsWithWhatWasDone) {
  const auto invocation = invoke({"--queue", "0", "--workers", "x"});
  ASSERT_FALSE(invocation);
  EXPECT_TRUE(invocation.error().text.ends_with("2 errors; nothing was started\n"))
      << invocation.error().text;
}

// With wrong settings the rules once were not looked at: their mistakes came in a second
// round. What could be read of the settings is handed back for that.
TEST_F(ReadInvocation, HandsBackTheRulesOfWrongSettings) {
  const std::string file =
      folder_.write("bad.yaml",
                    "queue: 0\n"
                    "applications:\n"
                    "  a: {rules: [own.conf, gone.conf], on-failure: maybe}\n"
                    "  b: {rules: gone.conf}\n"
                    "  c: {rules: baseline.conf, unknown: 1}\n");
  const auto invocation = invoke({"check", "--config", file});
  ASSERT_FALSE(invocation);
  const InvocationError& error = invocation.error();
  EXPECT_EQ(error.exit_status, kExitSettings);
  EXPECT_EQ(error.problems.size(), 6U) << error.text;
  EXPECT_EQ(error.text, to_text(error.problems, "nothing was started"));
  const auto& applications = error.partial.applications;
  ASSERT_EQ(applications.size(), 2U);
  EXPECT_EQ(applications[0].name, "a");
  EXPECT_EQ(applications[0].rules, std::vector{folder_.path("own.conf")});
  EXPECT_EQ(applications[1].name, "c");
  EXPECT_EQ(applications[1].rules, std::vector{folder_.path("baseline.conf")});
}

TEST_F(ReadInvocation, HandsBackTheRulesOfTheFlagsWhenTheFileIsNoYaml) {
  const std::string no_yaml = folder_.write("bad.yaml", "queue: [\n");
  for (const std::string& file : {no_yaml, folder_.path("no.yaml")}) {
    const auto invocation = invoke({"check", "--config", file, "--rules",
                                    folder_.path("own.conf"), folder_.path("no.conf")});
    ASSERT_FALSE(invocation);
    const InvocationError& error = invocation.error();
    EXPECT_EQ(error.exit_status, kExitSettings);
    EXPECT_EQ(error.problems.size(), 2U) << error.text;
    ASSERT_EQ(error.partial.applications.size(), 1U);
    EXPECT_EQ(error.partial.applications[0].rules, std::vector{folder_.path("own.conf")});
  }
  const auto invocation = invoke({"check", "--config", no_yaml});
  ASSERT_FALSE(invocation);
  EXPECT_EQ(invocation.error().problems.size(), 1U);
  EXPECT_TRUE(invocation.error().partial.applications.empty());
}

TEST_F(ReadInvocation, NeedsNoSettingsForHelpAndVersion) {
  static_cast<void>(folder_.write("packaged.yaml", "broken: ["));
  const auto help = invoke({"--help"});
  ASSERT_TRUE(help);
  EXPECT_EQ(help->command, Command::kHelp);
  EXPECT_EQ(help->text, help_text());
  const auto version = invoke({"--version"});
  ASSERT_TRUE(version);
  EXPECT_EQ(version->command, Command::kVersion);
}

TEST_F(ReadInvocation, CanReadTheSameSettingsAgain) {
  install_settings();
  const auto invocation = invoke({"--workers", "3"});
  ASSERT_TRUE(invocation) << invocation.error().text;
  static_cast<void>(
      folder_.write("packaged.yaml",
                    "workers: 9\nqueue: 78\napplications: {shop: {rules: own.conf}}\n"));
  const auto again = reread(*invocation);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->queue, 78U);
  EXPECT_EQ(again->workers, 3U) << "the flag still takes precedence";

  static_cast<void>(folder_.write("packaged.yaml", "queue: 0\n"));
  const auto broken = reread(*invocation);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().at(0).line, 1);

  static_cast<void>(folder_.write("packaged.yaml",
                                  "queue: 0\napplications: {shop: {rules: own.conf}}\n"));
  const Reading reading = read_again(*invocation);
  EXPECT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.settings.applications.at(0).rules,
            std::vector{folder_.path("own.conf")});
}

TEST_F(ReadInvocation, SurvivesAnEmptyArgumentVector) {
  EXPECT_TRUE(read_invocation(0, nullptr, where_));
}

}  // namespace
}  // namespace spoa::settings
