// The limits: 0 as no limit, and those that must hold what another one lets in.
#include <gtest/gtest.h>

#include <limits>

#include "folder.h"
#include "settings_file.h"

namespace spoa::settings {
namespace {

class LimitsOfAFile : public testing::Test {
 protected:
  [[nodiscard]] auto read(const std::string& yaml) const {
    static_cast<void>(folder_.write("a.conf", "SecRuleEngine On\n"));
    return read_settings(yaml + "\napplications: {shop: {rules: a.conf}}\n",
                         folder_.path("settings.yaml"));
  }

  /// The first problem as LINE:COLUMN text, and its remedy.
  [[nodiscard]] std::string first_problem(const std::string& yaml) const {
    const auto settings = read(yaml);
    if (settings) return "none";
    const Problem& problem = settings.error().front();
    return std::to_string(problem.line) + ':' + std::to_string(problem.column) + ' ' +
           problem.text + "; " + problem.remedy;
  }

  Folder folder_;
};

TEST_F(LimitsOfAFile, AreNoneWhenTheyAreZero) {
  const auto settings =
      read("limits: {connections: 0, frames-in-flight: 0, idle-timeout: 0}");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->limits.connections_per_address,
            std::numeric_limits<std::size_t>::max())
      << "its default is 0";
  EXPECT_EQ(settings->limits.idle_timeout.count(), 0);
  EXPECT_EQ(settings->limits.connections, std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(settings->limits.frames_in_flight, std::numeric_limits<std::size_t>::max());
}

// A frame that does not fit the buffer would never arrive whole.
TEST_F(LimitsOfAFile, MakeRoomForAWholeFrame) {
  const auto settings = read("max-frame-size: 64MiB");
  ASSERT_TRUE(settings) << to_text(settings.error(), "");
  EXPECT_EQ(settings->limits.buffered_per_connection_bytes, 64U << 20U);
  EXPECT_EQ(settings->limits.buffered_bytes, 256U << 20U);
  const auto all = read("limits: {buffered-per-connection: 1GiB}");
  ASSERT_TRUE(all) << to_text(all.error(), "");
  EXPECT_EQ(all->limits.buffered_bytes, 1U << 30U);

  const std::string small = "limits: {buffered-per-connection: 64KiB, buffered: 32KiB}";
  EXPECT_EQ(first_problem(small),
            "1:35 limits.buffered-per-connection is smaller than max-frame-size; "
            "at least 1MiB must fit");
  EXPECT_EQ(first_problem(small + "\nmax-frame-size: 16KiB"),
            "1:52 limits.buffered is smaller than limits.buffered-per-connection; "
            "at least 64KiB must fit");
}

}  // namespace
}  // namespace spoa::settings
