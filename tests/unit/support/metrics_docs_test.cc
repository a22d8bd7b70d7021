// The manual lists the metrics the daemon has, in its words. When this fails, paste the
// expected table into docs/metrics.md.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "metrics_table.h"

namespace spoa {
namespace {

constexpr std::string_view kBegin = "<!-- metrics: begin -->\n";
constexpr std::string_view kEnd = "<!-- metrics: end -->";

std::string labels_text(std::string_view labels) {
  if (labels.empty()) return "";
  std::string text = "`";
  for (const char c : labels) text += c == ',' ? std::string("` `") : std::string(1, c);
  return text + "`";
}

std::string expected_table() {
  std::string table =
      "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n";
  for (const MetricInfo& metric : kMetricTable) {
    table +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", metric.name, name_of(metric.type),
                    metric.unit, labels_text(metric.labels), metric.help);
  }
  return table;
}

TEST(MetricsDocs, ListTheMetricsTheDaemonHas) {
  std::ifstream file(SPOA_DOCS "/metrics.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t from = begin + kBegin.size();
  EXPECT_EQ(text.substr(from, end - from), expected_table());
}

// What the manual's text and its alerts name must exist, too.
TEST(MetricsDocs, NameNoMetricTheDaemonLacks) {
  std::ifstream file(SPOA_DOCS "/metrics.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string prefix = "spoa_modsecurity_";
  for (std::size_t at = text.find(prefix); at != std::string::npos;
       at = text.find(prefix, at)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
    std::string name = text.substr(at, end - at);
    at = end;
    const bool whole_prefix = name == prefix;
    bool known = false;
    for (const MetricInfo& metric : kMetricTable) {
      const bool histogram = metric.type == MetricType::kHistogram;
      known = known || name == metric.name ||
              (histogram && (name == std::string(metric.name) + "_bucket" ||
                             name == std::string(metric.name) + "_sum" ||
                             name == std::string(metric.name) + "_count"));
    }
    EXPECT_TRUE(known || whole_prefix) << name;
  }
}

TEST(MetricTable, KeepsPrometheussRules) {
  for (const MetricInfo& metric : kMetricTable) {
    const bool counter = metric.type == MetricType::kCounter;
    EXPECT_EQ(metric.name.ends_with("_total"), counter) << metric.name;
    EXPECT_FALSE(metric.help.empty()) << metric.name;
    EXPECT_FALSE(metric.help.ends_with('.')) << metric.name;
    EXPECT_EQ(metric.help.find_first_of("\\\n|"), std::string_view::npos) << metric.name;
  }
}

}  // namespace
}  // namespace spoa
