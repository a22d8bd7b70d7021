// Bytes no operator writes: they must not crash, throw, or take the memory away.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "settings_file.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kSeed =
    "listen: [127.0.0.1:1, \"[::1]:2\", {address: unix:/a, mode: 0600, group: root},\n"
    "  {address: a:3, tls: {certificate: /dev/null, key: k, client-ca: c}}]\n"
    "queue: 5 # words\n"
    "limits: {connections: 0, frames-in-flight: 3, idle-timeout: 0}\n"
    "events: \"-\"\n"
    "applications:\n"
    "  shop: &anchor\n"
    "    rules: [/dev/null, 'x']\n"
    "    on-failure: deny\n"
    "  b: |\n"
    "    text\n";

/// What must hold for any bytes at all.
void expect_sane(std::string_view yaml) {
  const auto settings = read_settings(yaml, "hostile.yaml");
  if (settings) {
    EXPECT_FALSE(settings->applications.empty());
    EXPECT_FALSE(settings->listen.empty());
    EXPECT_GT(settings->workers, 0U);
    return;
  }
  EXPECT_FALSE(settings.error().empty());
  EXPECT_LE(settings.error().size(), 100U);
  for (const Problem& problem : settings.error()) {
    EXPECT_FALSE(problem.text.empty());
    EXPECT_EQ(problem.text.find('\n'), std::string::npos);
    EXPECT_GE(problem.line, 0);
    EXPECT_GE(problem.column, 0);
  }
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  while (times-- > 0) text += part;
  return text;
}

TEST(HostileSettings, SurviveDeepNestingOfEveryKind) {
  for (const char* part :
       {"[", "{", "{a: ", "[[", "- ", "? ", "a:\n", "&a ", "!t ", "{? "}) {
    expect_sane(repeated(part, 10'000));
    expect_sane("queue: " + repeated(part, 10'000));
  }
  expect_sane(repeated("[", 17) + repeated("]", 17));
  expect_sane("queue: " + repeated("[", 400) + repeated("]", 400) + "\nworkers: x\n");
}

TEST(HostileSettings, NameTheNestingThatIsTooDeep) {
  const auto settings =
      read_settings("queue: " + repeated("[", 20) + repeated("]", 20), "hostile.yaml");
  ASSERT_FALSE(settings);
  const auto& problems = settings.error();
  EXPECT_EQ(std::count_if(problems.begin(), problems.end(),
                          [](const Problem& p) { return p.text == "nested too deeply"; }),
            1);
}

TEST(HostileSettings, AreRefusedAboveOneMebibyte) {
  const auto settings = read_settings(std::string((1U << 20) + 1, '#'), "hostile.yaml");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().at(0).text, "is larger than 1 MiB");
}

TEST(HostileSettings, ReportAHundredMistakesAtMost) {
  std::string yaml;
  for (int i = 0; i < 5000; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const auto settings = read_settings(yaml, "hostile.yaml");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().size(), 100U);
}

TEST(HostileSettings, SurviveWhatLooksLikeAnotherEncoding) {
  expect_sane(std::string_view("\xFF\xFEq\0:\0", 6));
  expect_sane(std::string_view("\xFE\xFF\0q\0:", 6));
  expect_sane("\xEF\xBB\xBFqueue: 1");
  expect_sane(std::string_view("queue: \"\\0\"\nevents: \"a\\0b\"", 27));
  expect_sane(std::string_view("\0\0\0\0", 4));
  expect_sane("a: \x04 b\x80\xC3");
}

TEST(HostileSettings, SurviveEveryCutOfAGoodFile) {
  for (std::size_t length = 0; length <= kSeed.size(); ++length) {
    expect_sane(kSeed.substr(0, length));
  }
}

TEST(HostileSettings, SurviveAThousandDamagedFiles) {
  std::mt19937 random(20261123);
  constexpr std::string_view kBytes =
      "[]{}:,-?&*!|>'\"%@` \n\t#~<\\\0\x80\xFF"
      "a0.";
  for (int round = 0; round < 1000; ++round) {
    std::string yaml(kSeed);
    for (int change = 0; change < 4; ++change) {
      const std::size_t at = random() % yaml.size();
      const char byte = kBytes[random() % kBytes.size()];
      switch (random() % 3) {
        case 0:
          yaml[at] = byte;
          break;
        case 1:
          yaml.insert(at, 1, byte);
          break;
        default:
          yaml.erase(at, 1 + random() % 8);
          break;
      }
    }
    expect_sane(yaml);
  }
}

}  // namespace
}  // namespace spoa::settings
