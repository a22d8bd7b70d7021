#include "command_line.h"

#include <gtest/gtest.h>

namespace spoa::settings {
namespace {

/// The first problem's text; "good" when there is none.
std::string refusal(const std::vector<std::string>& arguments) {
  const auto line = read_command_line(arguments);
  if (line) return "good";
  EXPECT_EQ(line.error().front().file, "");
  EXPECT_FALSE(line.error().front().remedy.empty());
  return line.error().front().text;
}

std::string remedy(const std::vector<std::string>& arguments) {
  const auto line = read_command_line(arguments);
  return line ? "good" : line.error().front().remedy;
}

std::vector<std::string> values_of(const CommandLine& line, std::string_view key) {
  for (const FlagValue& flag : line.flags) {
    if (flag.setting->key == key) return flag.values;
  }
  return {};
}

TEST(CommandLine, RunsByDefault) {
  const auto line = read_command_line({});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, Command::kRun);
  EXPECT_TRUE(line->flags.empty());
  EXPECT_TRUE(line->config.empty());
}

TEST(CommandLine, KnowsItsCommands) {
  EXPECT_EQ(read_command_line({"run"})->command, Command::kRun);
  EXPECT_EQ(read_command_line({"check"})->command, Command::kCheck);
  EXPECT_EQ(read_command_line({"--version"})->command, Command::kVersion);
  EXPECT_EQ(read_command_line({"--help"})->command, Command::kHelp);
  EXPECT_EQ(read_command_line({"--help"})->about, nullptr);
  const auto help = read_command_line({"check", "--help"});
  ASSERT_TRUE(help);
  EXPECT_EQ(help->command, Command::kHelp);
  ASSERT_NE(help->about, nullptr);
  EXPECT_EQ(help->about->name, "check");
}

TEST(CommandLine, TakesEveryFlagOfRun) {
  const auto line = read_command_line({"run",       "--config",
                                       "c.yaml",    "--listen",
                                       "a:1",       "--listen",
                                       "b:2",       "--admin",
                                       "[::1]:3",   "--rules",
                                       "x.conf",    "--rules=y.conf",
                                       "--workers", "4",
                                       "--queue=5", "--processing-timeout",
                                       "6ms",       "--max-frame-size",
                                       "16KiB",     "--events",
                                       "-",         "--log-level",
                                       "debug",     "--log-format",
                                       "json",      "--log-file",
                                       "z.log"});
  ASSERT_TRUE(line) << to_text(line.error(), "");
  EXPECT_EQ(line->config, "c.yaml");
  EXPECT_TRUE(line->has_rules());
  EXPECT_EQ(values_of(*line, "listen"), (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_EQ(values_of(*line, "admin"), std::vector<std::string>{"[::1]:3"});
  EXPECT_EQ(values_of(*line, "applications.*.rules"),
            (std::vector<std::string>{"x.conf", "y.conf"}));
  EXPECT_EQ(values_of(*line, "queue"), std::vector<std::string>{"5"});
  EXPECT_EQ(values_of(*line, "events"), std::vector<std::string>{"-"});
  EXPECT_EQ(line->flags.size(), 11U);
}

TEST(CommandLine, TakesSeveralRulesAfterOneFlag) {
  const auto line = read_command_line({"check", "--rules", "a.conf", "b.conf"});
  ASSERT_TRUE(line) << to_text(line.error(), "");
  EXPECT_EQ(values_of(*line, "applications.*.rules"),
            (std::vector<std::string>{"a.conf", "b.conf"}));
}

TEST(CommandLine, RefusesCommandsThatDoNotExist) {
  for (const char* word : {"explain", "replay", "tune", "shadow", "help", "RUN", ""}) {
    EXPECT_EQ(refusal({word}), std::string("unknown command: ") + word);
  }
  EXPECT_NE(remedy({"explain"}).find("spoa-modsecurity --help"), std::string::npos);
  EXPECT_NE(remedy({"chek"}).find("`check`"), std::string::npos);
}

TEST(CommandLine, RefusesFlagsThatDoNotExist) {
  EXPECT_EQ(refusal({"--queu", "5"}), "unknown flag of run: --queu");
  EXPECT_NE(remedy({"--queu", "5"}).find("`--queue`"), std::string::npos);
  EXPECT_EQ(refusal({"--queu=5"}), "unknown flag of run: --queu");
  EXPECT_EQ(refusal({"-x"}), "unknown flag of run: -x");
  EXPECT_EQ(refusal({"check", "--haproxy", "x"}), "unknown flag of check: --haproxy");
  EXPECT_EQ(refusal({"check", "--queue", "5"}), "unknown flag of check: --queue");
  EXPECT_EQ(refusal({"check", "--version"}), "unknown flag of check: --version");
  EXPECT_EQ(refusal({"run", "word"}), "unexpected argument: word");
  EXPECT_EQ(refusal({"--queue", "5", "check"}), "unexpected argument: check");
}

TEST(CommandLine, ReportsAnUnknownFlagOnceAndNotItsValue) {
  const auto line = read_command_line({"--queu", "5"});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().size(), 1U);
}

TEST(CommandLine, NamesTheFlagAndWhatItAllows) {
  EXPECT_EQ(refusal({"--queue", "0"}), "--queue is too small: 0");
  EXPECT_EQ(remedy({"--queue", "0"}), "allowed: 1 to 1000000");
  EXPECT_EQ(refusal({"--log-level", "loud"}), "--log-level has no such choice: loud");
  EXPECT_EQ(remedy({"--log-level", "loud"}), "allowed: debug, info, warn or error");
  EXPECT_EQ(refusal({"--processing-timeout", "400"}),
            "--processing-timeout has no unit: 400");
  EXPECT_EQ(refusal({"--listen", "12345"}), "--listen is not an address: 12345");
}

TEST(CommandLine, ReportsEveryMistakeAtOnce) {
  const auto line = read_command_line({"--queue", "0", "--workers", "x", "--nonsense"});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().size(), 3U);
}

TEST(CommandLine, RefusesAFlagWithoutItsValue) {
  EXPECT_EQ(refusal({"--queue"}), "--queue needs a value");
  EXPECT_EQ(refusal({"--config", "--rules", "x"}), "--config needs a value");
  EXPECT_EQ(refusal({"--config", ""}), "--config needs a value");
  EXPECT_EQ(refusal({"--listen="}), "--listen needs a value");
}

TEST(CommandLine, RefusesASingleValueGivenTwice) {
  EXPECT_EQ(refusal({"--queue", "1", "--queue", "2"}), "--queue is given more than once");
  EXPECT_EQ(refusal({"--config", "a", "--config", "b"}),
            "--config is given more than once");
}

TEST(CommandLine, SurvivesOddArguments) {
  for (const std::string argument :
       {"-", "--", "---", "-=", "--=", "--queue=", "=", "[a]", "--rules=[a,b]", "{}",
        "\x1b[31m", "--\n", "%s", "--help=x", "--help=false", "++", "/?"}) {
    static_cast<void>(read_command_line({argument}));
    static_cast<void>(read_command_line({"run", argument}));
    static_cast<void>(read_command_line({"--queue", argument}));
    static_cast<void>(read_command_line({argument, argument, argument}));
  }
}

}  // namespace
}  // namespace spoa::settings
