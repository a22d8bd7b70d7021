#include "settings_file.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>

#include "folder.h"

namespace spoa::settings {
namespace {

class SettingsFile : public testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(folder_.write("a.conf", "SecRuleEngine On\n"));
    static_cast<void>(folder_.write("b.conf", "SecRuleEngine On\n"));
  }

  [[nodiscard]] auto read(std::string_view yaml, const FlagValues& flags = {}) const {
    return read_settings(yaml, folder_.path("settings.yaml"), flags);
  }

  /// The first problem as LINE:COLUMN text; "none" when there is none.
  [[nodiscard]] std::string first_problem(std::string_view yaml) const {
    const auto settings = read(yaml);
    if (settings) return "none";
    const Problem& problem = settings.error().front();
    return std::to_string(problem.line) + ':' + std::to_string(problem.column) + ' ' +
           problem.text;
  }

  [[nodiscard]] std::string first_remedy(std::string_view yaml) const {
    const auto settings = read(yaml);
    return settings ? "none" : settings.error().front().remedy;
  }

  static FlagValue flag(std::string_view key, std::vector<std::string> values) {
    return {find(key), std::move(values)};
  }

  Folder folder_;
};

constexpr std::string_view kOneApplication = "applications: {shop: {rules: a.conf}}\n";

std::string with_one_application(std::string_view yaml) {
  return std::string(yaml) + '\n' + std::string(kOneApplication);
}

TEST_F(SettingsFile, TakesDefaultsForWhatIsNotSaid) {
  const auto settings = read(kOneApplication);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->queue, 1024U);
  EXPECT_EQ(to_text(settings->listen.at(0).address), "127.0.0.1:12345");
  EXPECT_EQ(settings->default_application, "shop");
  EXPECT_EQ(settings->applications.at(0).policy.on_timeout, FailurePolicy::kDeny);
}

TEST_F(SettingsFile, ReadsEverySetting) {
  const auto settings = read(R"(
listen: ["[::1]:1", unix:/run/waf.sock]
admin: 127.0.0.1:2
workers: 3
queue: 4
processing-timeout: 5ms
max-frame-size: 16KiB
limits:
  connections: 6
  connections-per-address: 5
  frames-in-flight: 7
  hello-timeout: 8ms
  idle-timeout: 9s
  frame-timeout: 10ms
  buffered-per-connection: 64KiB
  buffered: 128KiB
  unsent: 32KiB
events: none
log-level: debug
log-format: json
log-file: /var/log/waf.log
default-application: b
applications:
  a.1_x-y: {rules: a.conf}
  b:
    rules: [b.conf, a.conf]
    on-failure: deny
    on-timeout: allow
    on-truncated-body: deny
    bodies: {limit: 64KiB, ratio: 30}
)");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  ASSERT_EQ(settings->listen.size(), 2U);
  EXPECT_EQ(to_text(settings->listen[0].address), "[::1]:1");
  EXPECT_EQ(to_text(settings->listen[1].address), "unix:/run/waf.sock");
  EXPECT_EQ(settings->admin.port, 2);
  EXPECT_EQ(settings->workers, 3U);
  EXPECT_EQ(settings->queue, 4U);
  EXPECT_EQ(settings->processing_timeout.count(), 5);
  EXPECT_EQ(settings->max_frame_size, 16384U);
  const Limits& limits = settings->limits;
  EXPECT_EQ(limits.connections, 6U);
  EXPECT_EQ(limits.connections_per_address, 5U);
  EXPECT_EQ(limits.frames_in_flight, 7U);
  EXPECT_EQ(limits.hello_timeout.count(), 8);
  EXPECT_EQ(limits.idle_timeout.count(), 9000);
  EXPECT_EQ(limits.frame_timeout.count(), 10);
  EXPECT_EQ(limits.buffered_per_connection_bytes, 65536U);
  EXPECT_EQ(limits.buffered_bytes, 131072U);
  EXPECT_EQ(limits.unsent_bytes, 32768U);
  EXPECT_EQ(settings->events, "none");
  EXPECT_EQ(settings->log_level, LogLevel::kDebug);
  EXPECT_EQ(settings->log_format, LogFormat::kJson);
  EXPECT_EQ(settings->log_file, "/var/log/waf.log");
  EXPECT_EQ(settings->default_application, "b");
  ASSERT_EQ(settings->applications.size(), 2U);
  EXPECT_EQ(settings->applications[0].name, "a.1_x-y");
  const ApplicationSettings& b = settings->applications[1];
  EXPECT_EQ(b.rules, (std::vector{folder_.path("b.conf"), folder_.path("a.conf")}));
  EXPECT_EQ(b.policy.on_failure, FailurePolicy::kDeny);
  EXPECT_EQ(b.policy.on_timeout, FailurePolicy::kAllow);
  EXPECT_EQ(b.policy.on_truncated_body, TruncationPolicy::kDeny);
  EXPECT_EQ(b.bodies.bytes, 65536U);
  EXPECT_EQ(b.bodies.ratio, 30U);
  EXPECT_EQ(settings->applications[0].bodies.bytes, 1048576U) << "each has its own";
}

TEST_F(SettingsFile, ReadsJsonBecauseItIsYaml) {
  EXPECT_EQ(
      first_problem(R"({"queue": "5", "applications": {"x": {"rules": ["a.conf"]}}})"),
      "none");
}

TEST_F(SettingsFile, StartsRelativeFilesAtItsOwnFolderButLeavesWordsAlone) {
  const auto settings = read(with_one_application("events: ev.jsonl\nlog-file: \"-\""));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->applications[0].rules[0], folder_.path("a.conf"));
  EXPECT_EQ(settings->events, folder_.path("ev.jsonl"));
  EXPECT_EQ(settings->log_file, "-");
}

TEST_F(SettingsFile, ResolvesZeroWorkersToTheCpusTheProcessMayUse) {
  cpu_set_t usable;
  ASSERT_EQ(sched_getaffinity(0, sizeof usable, &usable), 0);
  const auto settings = read(kOneApplication);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->workers, static_cast<std::size_t>(CPU_COUNT(&usable)));
}

TEST_F(SettingsFile, ReportsEveryMistakeInTheOrderOfTheFile) {
  const auto settings = read(
      "listen: [127.0.0.1:1, nowhere]\n"
      "queue: 0\n"
      "workerz: 1\n"
      "default-application: shp\n"
      "applications:\n"
      "  shop:\n"
      "    rules: [a.conf, missing.conf]\n"
      "    on-failure: maybe\n");
  ASSERT_FALSE(settings);
  std::vector<std::pair<int, int>> places;
  for (const Problem& problem : settings.error()) {
    EXPECT_EQ(problem.file, folder_.path("settings.yaml"));
    EXPECT_FALSE(problem.text.empty());
    EXPECT_FALSE(problem.remedy.empty()) << problem.text;
    places.emplace_back(problem.line, problem.column);
  }
  EXPECT_EQ(places, (std::vector<std::pair<int, int>>{
                        {1, 23}, {2, 8}, {3, 1}, {4, 22}, {7, 21}, {8, 17}}));
}

TEST_F(SettingsFile, SuggestsTheNearestKey) {
  EXPECT_EQ(first_problem("queu: 1\n" + std::string(kOneApplication)),
            "1:1 unknown key: queu");
  EXPECT_EQ(first_remedy("queu: 1\n" + std::string(kOneApplication)),
            "did you mean `queue`?");
  EXPECT_EQ(first_remedy(with_one_application("limits: {conections: 1}")),
            "did you mean `connections`?");
  EXPECT_EQ(
      first_remedy("applications: {a: {rules: a.conf, on-fail: deny}}"),
      "known here: rules, on-failure, on-timeout, on-truncated-body, bodies, limits, "
      "responses");
}

TEST_F(SettingsFile, SaysWhereAMisplacedKeyBelongs) {
  EXPECT_NE(first_remedy("connections: 1\n").find("under limits"), std::string::npos);
  EXPECT_NE(first_remedy("on-failure: deny\n").find("under an application"),
            std::string::npos);
  EXPECT_NE(first_remedy(with_one_application("limits: {queue: 1}")).find("top level"),
            std::string::npos);
}

TEST_F(SettingsFile, RefusesSettingsThatDoNotExistYet) {
  for (const char* yaml : {"tls: {}", "shadow: {}"}) {
    EXPECT_NE(first_problem(with_one_application(yaml)).find("unknown key"),
              std::string::npos)
        << yaml;
  }
  for (const char* key : {"rule-compilation: off", "shadow: {}"}) {
    const std::string yaml =
        std::string("applications: {a: {rules: a.conf, ") + key + "}}";
    EXPECT_NE(first_problem(yaml).find("unknown key"), std::string::npos) << key;
  }
}

// The table spells paths with dots and a star: a key that does the same names nothing,
// and once reached for the last application of an empty list.
TEST_F(SettingsFile, DoesNotTakeAKeyForAPathOfTheTable) {
  EXPECT_EQ(first_problem(with_one_application("limits.connections: 1")),
            "1:1 unknown key: limits.connections");
  EXPECT_EQ(first_problem("applications.*.rules: a.conf\n"),
            "1:1 unknown key: applications.*.rules");
  EXPECT_EQ(first_problem("applications.*: {rules: a.conf}\n"),
            "1:1 unknown key: applications.*");
  EXPECT_EQ(first_problem(with_one_application("\"\": {queue: 1}")),
            "1:1 a key must be a word");
}

TEST_F(SettingsFile, RefusesAKeySetTwice) {
  EXPECT_EQ(first_problem(with_one_application("queue: 1\nqueue: 2")),
            "2:1 queue is set twice");
  EXPECT_EQ(first_remedy(with_one_application("queue: 1\nqueue: 2")),
            "keep one; the first is on line 1");
  EXPECT_EQ(first_problem("applications: {a: {rules: a.conf}, a: {rules: b.conf}}"),
            "1:36 a is set twice");
}

TEST_F(SettingsFile, RefusesValuesOfTheWrongShape) {
  EXPECT_EQ(first_problem(with_one_application("queue: [1]")),
            "1:8 queue needs one plain value");
  EXPECT_EQ(first_problem(with_one_application("queue:")), "1:1 queue has no value");
  EXPECT_EQ(first_problem(with_one_application("queue: ~")), "1:1 queue has no value");
  EXPECT_EQ(first_problem(with_one_application("limits: 5")),
            "1:9 limits must hold keys with values");
  EXPECT_EQ(first_problem(with_one_application("limits:")), "1:1 limits has no value");
  EXPECT_EQ(first_problem(with_one_application("listen: []")), "1:9 listen is empty");
  EXPECT_EQ(first_problem(with_one_application("listen: [[a]]")),
            "1:10 listen needs plain values");
  EXPECT_EQ(first_problem(with_one_application("? [a, b]\n: 1")),
            "1:3 a key must be a word");
  EXPECT_EQ(first_problem("- a\n"), "1:1 the settings file must hold keys with values");
  EXPECT_EQ(first_problem("word\n"), "1:1 the settings file must hold keys with values");
  EXPECT_EQ(first_problem("applications: [a]"),
            "1:15 applications must hold keys with values");
  EXPECT_EQ(first_problem("applications: {a: b}"),
            "1:19 applications.a must hold keys with values");
}

TEST_F(SettingsFile, PlacesYamlMistakes) {
  EXPECT_EQ(first_problem("queue: 1\nevents: -\n").substr(0, 21),
            "2:9 this is not YAML:");
  EXPECT_NE(first_remedy("events: -\n").find("quote"), std::string::npos);
  EXPECT_NE(first_problem("queue: [1\n").find("this is not YAML"), std::string::npos);
  EXPECT_NE(first_problem("a: \"open").find("this is not YAML"), std::string::npos);
  EXPECT_NE(first_problem("a: *none\n").find("this is not YAML"), std::string::npos);
}

// yaml-cpp 0.7 takes an open quote for closed when the file ends with a line break.
TEST_F(SettingsFile, RefusesAQuoteThatIsNeverClosed) {
  EXPECT_EQ(first_problem(std::string(kOneApplication) + "events: \"/var/log/waf\n"),
            "2:9 events begins or ends with a space: /var/log/waf ");
}

TEST_F(SettingsFile, RefusesAliasesAndFurtherDocuments) {
  EXPECT_EQ(first_problem(with_one_application("queue: &q 5\nworkers: *q")),
            "2:10 aliases are not supported");
  EXPECT_EQ(first_problem(std::string(kOneApplication) + "---\nqueue: 1\n"),
            "2:1 a second document begins here");
}

TEST_F(SettingsFile, NeedsAnApplicationWithRules) {
  EXPECT_EQ(first_problem(""), "1:1 there is no application");
  EXPECT_EQ(first_problem("# nothing\n"), "1:1 there is no application");
  EXPECT_EQ(first_problem("queue: 1\n"), "1:1 there is no application");
  EXPECT_EQ(first_problem("applications: {}\n"), "1:15 there is no application");
  EXPECT_EQ(first_problem("applications:\n"), "1:1 applications has no value");
  EXPECT_EQ(first_problem("applications:\n  shop:\n"),
            "2:3 application shop has no rules");
  EXPECT_EQ(first_problem("applications: {shop: {on-failure: deny}}"),
            "1:16 application shop has no rules");
}

TEST_F(SettingsFile, SaysOneThingOnceAboutOneMistake) {
  for (const char* yaml :
       {"applications: {shop: {rules: []}}", "applications: {shop: {rules: [[x]]}}",
        "applications: {shop: {rules: }}", "applications: {shop: [a]}", "applications: x",
        "applications: {a b: {rules: a.conf}}", "applications:"}) {
    const auto settings = read(yaml);
    ASSERT_FALSE(settings) << yaml;
    EXPECT_EQ(settings.error().size(), 1U) << yaml << '\n'
                                           << to_text(settings.error(), "");
  }
}

TEST_F(SettingsFile, RefusesApplicationNamesThatMetricsCouldNotCarry) {
  for (const std::string name : {"a b", "a/b", "a{b", "\xC3\xA9"}) {
    EXPECT_EQ(first_problem("applications: {\"" + name + "\": {rules: a.conf}}"),
              "1:16 the application is not a usable name: " + name);
  }
  EXPECT_NE(
      first_problem("applications: {" + std::string(65, 'a') + ": {rules: a.conf}}"),
      "none");
  EXPECT_EQ(
      first_problem("applications: {" + std::string(64, 'a') + ": {rules: a.conf}}"),
      "none");
}

TEST_F(SettingsFile, NeedsADefaultAmongSeveralApplications) {
  const std::string two = "applications: {a: {rules: a.conf}, b: {rules: a.conf}}\n";
  EXPECT_EQ(first_problem(two), "1:15 default-application is not set");
  EXPECT_EQ(first_remedy(two), "name one of: a, b");
  EXPECT_EQ(first_problem("default-application: b\n" + two), "none");
  EXPECT_EQ(first_problem("default-application: c\n" + two),
            "1:22 default-application names no application: c");
}

TEST_F(SettingsFile, RefusesRulesItCannotRead) {
  EXPECT_EQ(first_problem("applications: {a: {rules: no.conf}}"),
            "1:27 cannot read rules " + folder_.path("no.conf") +
                ": No such file or directory");
  EXPECT_EQ(first_problem("applications: {a: {rules: .}}"),
            "1:27 cannot read rules " + folder_.path(".") + ": it is a folder");
  EXPECT_NE(first_remedy("applications: {a: {rules: \"*.conf\"}}").find("Include"),
            std::string::npos);
}

TEST_F(SettingsFile, RefusesOneAddressForTwoThings) {
  EXPECT_EQ(first_problem(with_one_application("listen: [127.0.0.1:1, 127.0.0.1:1]")),
            "1:23 listen has 127.0.0.1:1 twice");
  EXPECT_EQ(
      first_problem(with_one_application("listen: 127.0.0.1:1\nadmin: 127.0.0.1:1")),
      "2:8 listen and admin are the same: 127.0.0.1:1");
  EXPECT_EQ(first_problem(with_one_application("listen: 127.0.0.1:9180")),
            "1:9 listen and admin are the same: 127.0.0.1:9180");
  EXPECT_EQ(first_problem(with_one_application("listen: [a:0, a:0]\nadmin: a:0")),
            "none");
  EXPECT_EQ(first_problem(with_one_application("listen: systemd\nadmin: systemd")),
            "none");
}

TEST_F(SettingsFile, LetsAFlagReplaceTheValueAndItsPlace) {
  const auto settings = read(with_one_application("queue: 5\nlisten: [a:1, a:1]"),
                             {flag("queue", {"9"}), flag("listen", {"b:2"})});
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  EXPECT_EQ(settings->queue, 9U);
  ASSERT_EQ(settings->listen.size(), 1U);
  EXPECT_EQ(to_text(settings->listen[0].address), "b:2");
}

TEST_F(SettingsFile, LetsTheRulesFlagReplaceTheOnlyApplicationsRules) {
  const FlagValues flags{flag("applications.*.rules", {folder_.path("b.conf")})};
  const auto settings =
      read("applications: {shop: {rules: gone.conf, on-failure: deny}}", flags);
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  EXPECT_EQ(settings->applications.at(0).name, "shop");
  EXPECT_EQ(settings->applications[0].rules, std::vector{folder_.path("b.conf")});
  EXPECT_EQ(settings->applications[0].policy.on_failure, FailurePolicy::kDeny);

  const auto made = read("queue: 7\n", flags);
  ASSERT_TRUE(made) << to_text(made.error(), "");
  EXPECT_EQ(made->applications.at(0).name, "default");
  EXPECT_EQ(made->default_application, "default");
}

TEST_F(SettingsFile, BlamesTheFlagForRulesOnSeveralApplications) {
  const auto settings = read(
      "default-application: a\n"
      "applications: {a: {rules: a.conf}, b: {rules: a.conf}}\n",
      {flag("applications.*.rules", {folder_.path("b.conf")})});
  ASSERT_FALSE(settings);
  ASSERT_EQ(settings.error().size(), 1U);
  EXPECT_EQ(settings.error()[0].file, "");
  EXPECT_EQ(settings.error()[0].text, "--rules cannot be used with several applications");
}

TEST_F(SettingsFile, SaysWhyAFileCannotBeRead) {
  const auto missing = read_settings_file(folder_.path("no.yaml"));
  EXPECT_EQ(missing.problems.at(0).text,
            "cannot read the settings: No such file or directory");
  const auto directory = read_settings_file(folder_.path("."));
  EXPECT_EQ(directory.problems.at(0).text, "cannot read the settings: it is a folder");
}

TEST_F(SettingsFile, ReadsAFileOnDisk) {
  const auto reading = read_settings_file(folder_.write("s.yaml", kOneApplication));
  EXPECT_TRUE(reading.problems.empty()) << to_text(reading.problems, "");
  EXPECT_EQ(reading.settings.applications.at(0).rules.at(0), folder_.path("a.conf"));
}

}  // namespace
}  // namespace spoa::settings
