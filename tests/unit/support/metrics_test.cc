#include "metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "metrics_process.h"
#include "metrics_table.h"

namespace spoa {
namespace {

using std::chrono::microseconds;

/// Series by name and labels, as a scraper would read them.
using Series = std::map<std::string, std::string>;

Series series_of(const std::string& text) {
  Series series;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    const std::size_t blank = line.rfind(' ');
    const auto [at, fresh] =
        series.emplace(line.substr(0, blank), line.substr(blank + 1));
    EXPECT_TRUE(fresh) << "twice: " << line;
    (void)at;
  }
  return series;
}

Series scrape(const Metrics& metrics, const Gauges& gauges = {}) {
  Series series;
  for (auto& [name, value] : series_of(metrics.render(gauges))) {
    const std::string prefix = "spoa_modsecurity_";
    series[name.starts_with(prefix) ? name.substr(prefix.size()) : name] = value;
  }
  return series;
}

class MetricsTest : public testing::Test {
 protected:
  Metrics metrics_{BuildInfo{"0.1.0", "3.0.9"}};
};

Findings findings_of(int phase, microseconds inspect, microseconds queue) {
  Findings findings;
  findings.phase = phase;
  findings.inspect_time = inspect;
  findings.queue_time = queue;
  return findings;
}

TEST_F(MetricsTest, AnnounceEveryMetricOnceBeforeItsSeries) {
  metrics_.app("shop");
  std::istringstream lines(metrics_.render({}));
  std::set<std::string> announced;
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::string kind;
    words >> word;
    if (word == "#") {
      words >> kind >> current;
      if (kind == "TYPE") {
        EXPECT_TRUE(announced.insert(current).second) << line;
      }
      continue;
    }
    EXPECT_TRUE(word.starts_with(current)) << line << " below " << current;
  }
  EXPECT_EQ(announced.size(), kMetrics);
  for (const MetricInfo& metric : kMetricTable) {
    EXPECT_TRUE(announced.contains(std::string(metric.name))) << metric.name;
  }
}

TEST_F(MetricsTest, ShowWhatCanBeEnumeratedFromTheStart) {
  metrics_.app("shop");
  const Series series = scrape(metrics_);
  for (std::size_t i = 0; i < kWireErrors; ++i) {
    const std::string error(name_of(static_cast<WireError>(i)));
    EXPECT_EQ(series.at("protocol_errors_total{error=\"" + error + "\"}"), "0");
  }
  EXPECT_EQ(series.at(R"(request_faults_total{fault="bad-headers"})"), "0");
  EXPECT_FALSE(series.contains(R"(request_faults_total{fault="none"})"));
  EXPECT_EQ(series.at(R"(frames_total{type="notify",direction="in"})"), "0");
  EXPECT_EQ(series.at(R"(frames_total{type="ack",direction="out"})"), "0");
  EXPECT_EQ(series.at(R"(reloads_total{result="failure"})"), "0");
  EXPECT_EQ(series.at(R"(rule_matches_total{app="shop",rule_id="other"})"), "0");
  EXPECT_EQ(
      series.at(
          R"(verdicts_total{app="shop",phase="0",action="allow",reason="overload"})"),
      "0");
}

TEST_F(MetricsTest, CountVerdictsByAllTheirLabels) {
  AppMetrics& app = metrics_.app("shop");
  app.count({Action::kDeny, 403, "", Reason::kRules}, findings_of(2, {}, {}));
  app.count({Action::kDeny, 403, "", Reason::kRules}, findings_of(2, {}, {}));
  metrics_.app("blog").count({Action::kAllow, 0, "", Reason::kClean},
                             findings_of(5, {}, {}));
  const Series series = scrape(metrics_);
  EXPECT_EQ(
      series.at(R"(verdicts_total{app="shop",phase="2",action="deny",reason="rules"})"),
      "2");
  EXPECT_EQ(
      series.at(R"(verdicts_total{app="blog",phase="5",action="allow",reason="clean"})"),
      "1");
}

TEST_F(MetricsTest, TakeAnyPhase) {
  AppMetrics& app = metrics_.app("shop");
  app.count({}, findings_of(-1, {}, {}));
  app.count({}, findings_of(99, {}, {}));
  const Series series = scrape(metrics_);
  EXPECT_EQ(
      series.at(R"(verdicts_total{app="shop",phase="0",action="allow",reason="clean"})"),
      "1");
  EXPECT_EQ(
      series.at(R"(verdicts_total{app="shop",phase="5",action="allow",reason="clean"})"),
      "1");
}

TEST_F(MetricsTest, SortTimesIntoCumulativeBuckets) {
  AppMetrics& app = metrics_.app("shop");
  for (const int us : {0, 100, 101, 9'999'999, 10'000'000, 10'000'001}) {
    app.count({}, findings_of(2, microseconds(us), microseconds(1)));
  }
  const Series series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(inspect_seconds_bucket{app="shop",le="0.0001"})"), "2");
  EXPECT_EQ(series.at(R"(inspect_seconds_bucket{app="shop",le="0.00025"})"), "3");
  EXPECT_EQ(series.at(R"(inspect_seconds_bucket{app="shop",le="5"})"), "3");
  EXPECT_EQ(series.at(R"(inspect_seconds_bucket{app="shop",le="10"})"), "5");
  EXPECT_EQ(series.at(R"(inspect_seconds_bucket{app="shop",le="+Inf"})"), "6");
  EXPECT_EQ(series.at(R"(inspect_seconds_count{app="shop"})"), "6");
  EXPECT_EQ(series.at(R"(inspect_seconds_sum{app="shop"})"), "30.000201");
  EXPECT_EQ(series.at(R"(queue_seconds_sum{app="shop"})"), "0.000006");
}

TEST_F(MetricsTest, TakeNoTimesOfMessagesThatWereNotInspected) {
  AppMetrics& app = metrics_.app("shop");
  app.count({Action::kAllow, 0, "", Reason::kOverload}, findings_of(0, {}, {}));
  Series series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(inspect_seconds_count{app="shop"})"), "0");
  EXPECT_EQ(series.at(R"(queue_seconds_count{app="shop"})"), "0");
  app.count({Action::kAllow, 0, "", Reason::kOverload},
            findings_of(0, {}, microseconds(9)));
  series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(queue_seconds_count{app="shop"})"), "1");
  EXPECT_EQ(series.at(R"(inspect_seconds_count{app="shop"})"), "0");
}

TEST_F(MetricsTest, CountTwoHundredRulesByIdAndTheRestTogether) {
  AppMetrics& app = metrics_.app("shop");
  Findings findings = findings_of(2, {}, {});
  findings.matches.resize(1);
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t id = 1; id <= 203; ++id) {
      findings.matches[0].id = id;
      app.count({}, findings);
    }
  }
  const Series series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(rule_matches_total{app="shop",rule_id="1"})"), "2");
  EXPECT_EQ(series.at(R"(rule_matches_total{app="shop",rule_id="200"})"), "2");
  EXPECT_FALSE(series.contains(R"(rule_matches_total{app="shop",rule_id="201"})"));
  EXPECT_EQ(series.at(R"(rule_matches_total{app="shop",rule_id="other"})"), "6");
}

TEST_F(MetricsTest, CountFramesByTypeAndDirection) {
  metrics_.count_frame(FrameType::kNotify, Direction::kIn);
  metrics_.count_frame(FrameType::kAck, Direction::kOut);
  metrics_.count_frame(FrameType::kAck, Direction::kIn);
  metrics_.count_frame(static_cast<FrameType>(77), Direction::kIn);
  const Series series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(frames_total{type="notify",direction="in"})"), "1");
  EXPECT_EQ(series.at(R"(frames_total{type="ack",direction="out"})"), "1");
  EXPECT_EQ(series.at(R"(frames_total{type="ack",direction="in"})"), "1");
  EXPECT_EQ(series.at(R"(frames_total{type="unknown",direction="in"})"), "1");
}

TEST_F(MetricsTest, CountTheRest) {
  metrics_.count_protocol_error(WireError::kSlowReader);
  metrics_.count_request_fault(RequestFault::kBadAddress);
  metrics_.count_request_fault(RequestFault::kNone);
  metrics_.count_unknown_arguments(3);
  metrics_.count_unknown_application();
  Context context;
  context.dropped = {1, 0, 2};
  context.ja4.gap = FingerprintGap::kAlpnUnknown;
  metrics_.count_context(context);
  metrics_.count_late_findings();
  metrics_.count_refused_connection();
  metrics_.count_pause(PauseCause::kUnsent);
  metrics_.count_haproxy_disconnect(3);
  metrics_.count_haproxy_disconnect(99);
  metrics_.count_haproxy_disconnect(~std::uint64_t{0});
  metrics_.count_reload(ReloadResult::kSuccess);
  metrics_.set_reload_time(microseconds(41'500));
  metrics_.app("shop").count_truncated_body();
  metrics_.app("shop").count_unmatched_response();
  const Series series = scrape(metrics_);
  EXPECT_EQ(series.at(R"(protocol_errors_total{error="slow-reader"})"), "1");
  EXPECT_EQ(series.at(R"(request_faults_total{fault="bad-address"})"), "1");
  EXPECT_EQ(series.at("unknown_arguments_total"), "3");
  EXPECT_EQ(series.at("unknown_application_total"), "1");
  EXPECT_EQ(series.at(R"(context_values_dropped_total{reason="bad-name"})"), "1");
  EXPECT_EQ(series.at(R"(context_values_dropped_total{reason="too-many"})"), "0");
  EXPECT_EQ(series.at(R"(context_values_dropped_total{reason="too-long"})"), "2");
  EXPECT_EQ(series.at(R"(fingerprints_missing_total{kind="ja3",reason="alpn-unknown"})"),
            "0");
  EXPECT_EQ(series.at(R"(fingerprints_missing_total{kind="ja4",reason="alpn-unknown"})"),
            "1");
  EXPECT_FALSE(
      series.contains(R"(fingerprints_missing_total{kind="ja3",reason="none"})"));
  EXPECT_EQ(series.at("late_findings_total"), "1");
  EXPECT_EQ(series.at("connections_refused_total"), "1");
  EXPECT_EQ(series.at(R"(reading_paused_total{limit="unsent"})"), "1");
  EXPECT_EQ(series.at(R"(reading_paused_total{limit="frames-in-flight"})"), "0");
  EXPECT_EQ(series.at(R"(haproxy_disconnects_total{status_code="3"})"), "1");
  EXPECT_EQ(series.at(R"(haproxy_disconnects_total{status_code="other"})"), "2");
  EXPECT_EQ(series.at(R"(reloads_total{result="success"})"), "1");
  EXPECT_EQ(series.at("reload_seconds"), "0.041500");
  EXPECT_EQ(series.at(R"(bodies_truncated_total{app="shop"})"), "1");
  EXPECT_EQ(series.at(R"(responses_unmatched_total{app="shop"})"), "1");
}

TEST_F(MetricsTest, ShowWhatOthersKnow) {
  Gauges gauges;
  gauges.queue_depth = 1;
  gauges.workers = 2;
  gauges.workers_busy = 3;
  gauges.connections = 4;
  gauges.buffered_bytes = 7;
  gauges.ruleset_generation = 5;
  gauges.events_dropped = 6;
  const Series series = scrape(metrics_, gauges);
  EXPECT_EQ(series.at("queue_depth"), "1");
  EXPECT_EQ(series.at("workers"), "2");
  EXPECT_EQ(series.at("workers_busy"), "3");
  EXPECT_EQ(series.at("connections"), "4");
  EXPECT_EQ(series.at("buffered_bytes"), "7");
  EXPECT_EQ(series.at("ruleset_generation"), "5");
  EXPECT_EQ(series.at("events_dropped_total"), "6");
  EXPECT_EQ(series.at(R"(build_info{version="0.1.0",libmodsecurity="3.0.9"})"), "1");
}

TEST_F(MetricsTest, EscapeLabels) {
  metrics_.app("a\"b\\c\nd").count_truncated_body();
  EXPECT_EQ(scrape(metrics_).at(R"(bodies_truncated_total{app="a\"b\\c\nd"})"), "1");
}

TEST_F(MetricsTest, KeepAnApplicationsCountersWhereTheyAre) {
  AppMetrics& first = metrics_.app("shop");
  for (int i = 0; i < 100; ++i) metrics_.app("app-" + std::to_string(i));
  EXPECT_EQ(&metrics_.app("shop"), &first);
}

TEST(DurationHistogram, HasBoundsThatAscendAndAreLabelledRight) {
  std::int64_t before = 0;
  for (const auto& bound : DurationHistogram::kBounds) {
    EXPECT_GT(bound.us, before);
    EXPECT_DOUBLE_EQ(std::stod(std::string(bound.label)) * 1e6,
                     static_cast<double>(bound.us));
    before = bound.us;
  }
}

TEST(DurationHistogram, TakesANegativeDurationForNone) {
  DurationHistogram histogram;
  histogram.observe(microseconds(-5));
  EXPECT_EQ(histogram.sum_us(), 0U);
  EXPECT_EQ(histogram.counts()[0], 1U);
}

TEST(ReadProcessStats, KnowsThisProcess) {
  const ProcessStats stats = read_process_stats();
  EXPECT_GT(stats.resident_bytes, 0U);
  EXPECT_GE(stats.virtual_bytes, stats.resident_bytes);
  EXPECT_GE(stats.open_fds, 1U);
  EXPECT_GE(stats.max_fds, stats.open_fds);
  EXPECT_GE(stats.threads, 1U);
  EXPECT_GT(stats.start_time_seconds, 1.5e9);
  EXPECT_EQ(stats.start_time_seconds, read_process_stats().start_time_seconds);
}

}  // namespace
}  // namespace spoa
