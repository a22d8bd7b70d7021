#include "event_line.h"

#include <algorithm>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cut.h"
#include "mask.h"

namespace spoa::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kWordLimit = 64;  ///< a method, a version, an address
constexpr std::size_t kNameLimit = 256;
constexpr std::size_t kUriLimit = 4096;
constexpr std::size_t kMaxTags = 32;

/// More than a rule takes of which only the numbers are left, and than the line's end.
constexpr std::size_t kBriefRuleBytes = 192;
constexpr std::size_t kTailBytes = 128;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (ms - seconds).count());
}

/// The status the client gets, as far as it is known here; 0 when only the server will
/// say.
int status_of(const Event& event, const Request& message) noexcept {
  if (event.verdict.action != Action::kAllow) return event.verdict.code;
  return message.response_status.value_or(0);
}

Json head_of(const Event& event, const Request& message) {
  const Findings& findings = event.findings;
  const Request& request = event.request ? *event.request : message;
  // A response's own headers name no host.
  const bool knows_host = event.request || !message.response_status;
  return {
      {"time", time_text(event.time)},
      {"id", cut(message.id, kNameLimit)},
      {"app", cut(event.app, kNameLimit)},
      {"client", cut(request.client.ip, kWordLimit)},
      {"client_port", request.client.port},
      {"method", cut(request.method, kWordLimit)},
      {"host", knows_host ? mask_and_cut(header_value(request, "host"), kNameLimit) : ""},
      {"uri", mask_and_cut(request.uri, kUriLimit)},
      {"version", cut(message.version, kWordLimit)},
      {"status", status_of(event, message)},
      {"action", name_of(event.verdict.action)},
      {"reason", name_of(event.verdict.reason)},
      {"phase", findings.phase},
      {"anomaly_score", findings.anomaly_score},
      {"ruleset", event.ruleset},
      {"inspect_us", findings.inspect_time.count()},
      {"queue_us", findings.queue_time.count()},
      {"body_bytes", message.body.size()},
      {"body_truncated", findings.body_truncated || message.body_truncated},
      {"body_fault", name_of(findings.body_fault)},
      {"exceeded", name_of(findings.exceeded)},
  };
}

Json rule_of(const RuleMatch& match) {
  const MaskedMatch masked = mask_match(match);
  Json tags = Json::array();
  for (std::size_t i = 0; i < std::min(match.tags.size(), kMaxTags); ++i) {
    tags.push_back(mask_and_cut(match.tags[i], kNameLimit));
  }
  return {
      {"id", match.id},
      {"msg", masked.message},
      {"data", masked.data},
      {"severity", match.severity},
      {"phase", match.phase},
      {"tags", std::move(tags)},
      {"file", cut(match.file, kNameLimit)},
      {"line", match.line},
      {"variable", masked.variable},
  };
}

/// The same keys, the texts left out: it says so where the data was.
Json brief_rule_of(const RuleMatch& match) {
  return {
      {"id", match.id},       {"msg", ""},
      {"data", "...[cut]"},   {"severity", match.severity},
      {"phase", match.phase}, {"tags", Json::array()},
      {"file", ""},           {"line", match.line},
      {"variable", ""},
  };
}

/// Appends the rules, joined by commas. Room is kept so that every rule can be named.
void append_rules(std::string& line, const std::vector<const RuleMatch*>& matches) {
  const std::size_t count = std::min(matches.size(), kMaxRules);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t kept = kTailBytes + (count - i - 1) * kBriefRuleBytes;
    std::string rule = dump(rule_of(*matches[i]));
    if (line.size() + rule.size() + 1 + kept > kMaxLineBytes) {
      rule = dump(brief_rule_of(*matches[i]));
    }
    if (i > 0) line.push_back(',');
    line += rule;
  }
}

std::vector<const RuleMatch*> all_matches(const Findings& findings) {
  std::vector<const RuleMatch*> all;
  for (const RuleMatch& match : findings.matches) all.push_back(&match);
  for (const RuleMatch& match : findings.logging_matches) all.push_back(&match);
  return all;
}

}  // namespace

std::string to_json_line(const Event& event) {
  static const Request kNoMessage;
  const auto matches = all_matches(event.findings);

  std::string line = dump(head_of(event, event.message ? *event.message : kNoMessage));
  line.pop_back();
  line += R"(,"rules":[)";
  append_rules(line, matches);
  line += ']';
  if (matches.size() > kMaxRules) {
    line += fmt::format(R"(,"rules_omitted":{})", matches.size() - kMaxRules);
  }
  line += fmt::format(R"(,"shadow":{}}})", event.shadow);
  line += '\n';
  return line;
}

}  // namespace spoa::report
