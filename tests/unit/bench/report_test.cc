#include "report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace spoa::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kGet = static_cast<std::size_t>(RequestKind::kGet);
constexpr auto kAttack = static_cast<std::size_t>(RequestKind::kAttack);

BenchSettings open_loop() {
  BenchSettings settings;
  settings.target = {Address::Kind::kTcp, "127.0.0.1", 12345, {}};
  settings.rate = {{500, seconds(10)}, {1500, seconds(20)}};
  settings.interval = seconds(10);
  return settings;
}

Tally tally(int clean, int overload) {
  Tally tally;
  for (int i = 0; i < clean; ++i) {
    tally.offer(kGet);
    tally.answer(kGet, {0, static_cast<std::uint8_t>(Reason::kClean)}, milliseconds(5),
                 milliseconds(400));
  }
  for (int i = 0; i < overload; ++i) {
    tally.offer(kAttack);
    tally.answer(kAttack, {0, static_cast<std::uint8_t>(Reason::kOverload)},
                 milliseconds(400), milliseconds(400));
  }
  return tally;
}

Measurement measurement() {
  Measurement measured;
  measured.total = tally(30, 10);
  measured.total.offer(kGet);
  measured.total.unanswered = 1;
  measured.phases = {tally(10, 0), tally(20, 10)};
  measured.phase_lengths = {seconds(10), seconds(20)};
  measured.timeline = {tally(10, 0), tally(12, 4), tally(8, 6)};
  measured.length = seconds(30);
  measured.cpu = seconds(3);
  for (int i = 0; i < 100; ++i) measured.lag.record(20);
  return measured;
}

bool has_row(const std::string& text, std::string_view begin, std::string_view within) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin) && line.find(within) != std::string::npos) return true;
  }
  return false;
}

TEST(Tables, SayWhatWasAskedAndFromWhereLatencyCounts) {
  const std::string text = to_tables(open_loop(), measurement());
  EXPECT_TRUE(
      text.starts_with("127.0.0.1:12345: open loop, 500/s for 10s, then 1500/s for "
                       "20s, at random (Poisson), over 8 connections"))
      << text;
  EXPECT_NE(text.find("from when a request was due (corrected for coordinated omission)"),
            std::string::npos);
  const BenchSettings closed;
  Measurement measured = measurement();
  measured.phases.resize(1);
  measured.timeline.clear();
  EXPECT_NE(to_tables(closed, measured).find("closed loop, 16 at once for 10s"),
            std::string::npos);
  EXPECT_NE(to_tables(closed, measured).find("latency counts from sending"),
            std::string::npos);
}

TEST(Tables, HaveARowForAllForEachPhaseAndForEachInterval) {
  const std::string text = to_tables(open_loop(), measurement());
  EXPECT_TRUE(
      has_row(text, "all, 30s", " 1.4      1.0      10      0      1     0     0 "))
      << text;
  EXPECT_TRUE(has_row(text, "phase 1, 500/s", " 1.0 ")) << text;
  EXPECT_TRUE(has_row(text, "phase 2, 1500/s", " 10 ")) << text;
  EXPECT_TRUE(has_row(text, "from 0s", " 1.0 "));
  EXPECT_TRUE(has_row(text, "from 20s", " 0.8 "));
}

TEST(Tables, CountAnswersAndVerdicts) {
  const std::string text = to_tables(open_loop(), measurement());
  EXPECT_TRUE(has_row(text, "  allow      clean", "30   75.0 %")) << text;
  EXPECT_TRUE(has_row(text, "  allow      overload", "10   25.0 %")) << text;
  EXPECT_NE(text.find("0 of 0 inspected attacks let through"), std::string::npos);
  EXPECT_NE(text.find("0 of 30 inspected clean requests denied"), std::string::npos);
  EXPECT_NE(text.find("10 % of one CPU"), std::string::npos);
  EXPECT_EQ(text.find("does not count"), std::string::npos);
}

TEST(Tables, SayWhenARunDoesNotCount) {
  Measurement measured = measurement();
  for (int i = 0; i < 10; ++i) measured.lag.record(1'000'000);
  EXPECT_NE(
      to_tables(open_loop(), measured).find("This run does not count: bench itself"),
      std::string::npos);
}

TEST(Tables, LeaveNoSpaceAtTheEndOfALine) {
  EXPECT_EQ(to_tables(open_loop(), measurement()).find(" \n"), std::string::npos);
}

TEST(JsonReport, HasAllOfItOnOneLine) {
  const std::string text = to_json(open_loop(), measurement());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["target"], "127.0.0.1:12345");
  EXPECT_EQ(json["load"]["loop"], "open");
  EXPECT_EQ(json["load"]["arrivals"], "poisson");
  const auto& total = json["total"];
  EXPECT_EQ(total["offered"], 41);
  EXPECT_EQ(total["answered"], 40);
  EXPECT_EQ(total["inspected_in_time"], 30);
  EXPECT_EQ(total["inspected_in_time_per_second"], 1.0);
  EXPECT_EQ(total["uninspected_in_time"], 10);
  EXPECT_EQ(total["unanswered"], 1);
  EXPECT_NEAR(total["latency_ms"]["p50"].get<double>(), 5, 5.0 / 128);
  EXPECT_EQ(total["latency_ms"]["max"], 400.0);
  EXPECT_EQ(total["inspected_latency_ms"]["max"], 5.0);
  EXPECT_EQ(total["kinds"]["get"]["inspected"], 30);
  EXPECT_EQ(total["kinds"]["attack"]["offered"], 10);
  ASSERT_EQ(total["answers"].size(), 2U);
  EXPECT_EQ(total["answers"][1]["reason"], "overload");
  EXPECT_EQ(total["answers"][1]["count"], 10);
  ASSERT_EQ(json["phases"].size(), 2U);
  EXPECT_EQ(json["phases"][1]["rate"], 1500);
  EXPECT_EQ(json["phases"][1]["inspected_in_time_per_second"], 1.0);
  ASSERT_EQ(json["timeline"].size(), 3U);
  EXPECT_EQ(json["timeline"][2]["from_seconds"], 20.0);
  EXPECT_EQ(json["generator"]["lag_ms"]["p99"], 0.02);
  EXPECT_EQ(json["counts"], true);
}

TEST(JsonReport, SaysWhyARunDoesNotCount) {
  const auto json = nlohmann::json::parse(to_json({}, {}));
  EXPECT_EQ(json["counts"], false);
  EXPECT_EQ(json["why_not"], "nothing was answered");
}

}  // namespace
}  // namespace spoa::bench
