#include "log.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spoa {
namespace {

class Log : public testing::Test {
 protected:
  Log()
      : path_(std::filesystem::temp_directory_path() /
              ("log-" + std::to_string(::getpid()) + ".txt")) {
    std::filesystem::remove(path_);
  }
  ~Log() override {
    log::open("-", LogLevel::kInfo, LogFormat::kText);
    std::filesystem::remove(path_);
  }
  [[nodiscard]] std::string written() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  std::filesystem::path path_;
};

TEST_F(Log, WritesKeysAndQuotesOnlyWhatNeedsIt) {
  ASSERT_TRUE(log::open(path_, LogLevel::kInfo, LogFormat::kText));
  log::warn("uninspected",
            {{"reason", "overload"}, {"waited_us", 19800}, {"peer", "a b"}},
            "raise workers");
  const std::string line = written();
  EXPECT_NE(line.find(" level=warn event=uninspected reason=overload waited_us=19800 "
                      "peer=\"a b\" msg=\"raise workers\"\n"),
            std::string::npos)
      << line;
}

// What a peer sends reaches the log: it must not forge a line.
TEST_F(Log, KeepsALineALine) {
  ASSERT_TRUE(log::open(path_, LogLevel::kInfo, LogFormat::kText));
  log::info("x", {{"id", "a\nlevel=error \"\x1b[31m"}}, "m");
  const std::string line = written();
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST_F(Log, WritesJsonThatParses) {
  ASSERT_TRUE(log::open(path_, LogLevel::kInfo, LogFormat::kJson));
  log::error("x", {{"text", "q\"\\\x01\xff"}, {"n", -3}, {"u", 7U}}, "m");
  const auto line = nlohmann::json::parse(written());
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["n"], -3);
  EXPECT_EQ(line["u"], 7);
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
  ASSERT_TRUE(log::open(path_, LogLevel::kWarn, LogFormat::kText));
  log::info("quiet", {}, "m");
  log::warn("loud", {}, "m");
  EXPECT_EQ(written().find("quiet"), std::string::npos);
  EXPECT_NE(written().find("loud"), std::string::npos);
}

TEST_F(Log, GoesOnInANewFileAfterReopen) {
  ASSERT_TRUE(log::open(path_, LogLevel::kInfo, LogFormat::kText));
  log::info("before", {}, "m");
  std::filesystem::remove(path_);
  ASSERT_TRUE(log::reopen());
  log::info("after", {}, "m");
  EXPECT_EQ(written().find("before"), std::string::npos);
  EXPECT_NE(written().find("after"), std::string::npos);
}

TEST_F(Log, SaysWhenTheFileCannotBeOpened) {
  EXPECT_FALSE(log::open("/nonexistent/folder/log", LogLevel::kInfo, LogFormat::kText));
}

TEST(RateLimit, LetsTheFirstThroughAndCountsTheRest) {
  log::RateLimit limit;
  std::uint64_t suppressed = 99;
  EXPECT_TRUE(limit.allow(suppressed));
  EXPECT_EQ(suppressed, 0U);
  EXPECT_FALSE(limit.allow(suppressed));
}

}  // namespace
}  // namespace spoa
