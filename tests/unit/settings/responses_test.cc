// How an application's responses are inspected.
#include <gtest/gtest.h>

#include "folder.h"
#include "settings_file.h"

namespace spoa::settings {
namespace {

class Responses : public testing::Test {
 protected:
  [[nodiscard]] auto read(const std::string& responses) const {
    static_cast<void>(folder_.write("a.conf", "SecRuleEngine On\n"));
    return read_settings(
        "applications: {shop: {rules: a.conf, responses: {" + responses + "}}}\n",
        folder_.path("settings.yaml"));
  }
  [[nodiscard]] std::string first_problem(const std::string& responses) const {
    const auto settings = read(responses);
    return settings ? "none" : settings.error().front().text;
  }

  Folder folder_;
};

TEST_F(Responses, AreInspectedAsTheFileSays) {
  const auto settings =
      read("inspect: false, hold: 2s, store: 1MiB, types: [Text/HTML, application/pdf]");
  ASSERT_TRUE(settings);
  const ResponseSettings& responses = settings->applications[0].responses;
  EXPECT_FALSE(responses.inspect);
  EXPECT_EQ(responses.hold, std::chrono::seconds(2));
  EXPECT_EQ(responses.store_bytes, 1U << 20U);
  EXPECT_EQ(responses.types, (std::vector<std::string>{"text/html", "application/pdf"}))
      << "in place of the default, and in lower case";
}

TEST_F(Responses, RefuseWhatIsNoMediaType) {
  for (const char* types :
       {"html", "/", "a/b/c", "'text/html; charset=utf-8'", "[text/]"}) {
    EXPECT_NE(first_problem(std::string("types: ") + types).find("is no media type"),
              std::string::npos)
        << types;
  }
}

TEST_F(Responses, AreSwitchedWithTrueAndFalseAlone) {
  EXPECT_NE(first_problem("inspect: yes").find("has no such choice"), std::string::npos);
}

}  // namespace
}  // namespace spoa::settings
