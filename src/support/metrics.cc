#include "metrics.h"

#include <algorithm>

namespace spoa {
namespace {

template <typename Enum>
constexpr std::size_t index(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

/// In the order of kFrameLabels, see metrics_render.cc. Everything else is the last.
std::size_t frame_index(FrameType type) noexcept {
  switch (type) {
    case FrameType::kUnset:
      return 0;
    case FrameType::kHaproxyHello:
      return 1;
    case FrameType::kHaproxyDisconnect:
      return 2;
    case FrameType::kNotify:
      return 3;
    case FrameType::kAgentHello:
      return 4;
    case FrameType::kAgentDisconnect:
      return 5;
    case FrameType::kAck:
      return 6;
  }
  return 7;
}

}  // namespace

void AppMetrics::count(const Verdict& verdict, const Findings& findings) {
  const auto phase = static_cast<std::size_t>(
      std::clamp(findings.phase, 0, static_cast<int>(kPhases) - 1));
  ++verdicts_[phase][index(verdict.action)][index(verdict.reason)];
  if (phase > 0) inspect_.observe(findings.inspect_time);
  if (phase > 0 || findings.queue_time.count() > 0) queue_.observe(findings.queue_time);
  for (const RuleMatch& match : findings.matches) count_rule(match.id);
  for (const RuleMatch& match : findings.logging_matches) count_rule(match.id);
}

void AppMetrics::count_rule(std::int64_t id) {
  if (const auto known = rule_matches_.find(id); known != rule_matches_.end()) {
    ++known->second;
  } else if (rule_matches_.size() < kMaxRules) {
    rule_matches_.emplace(id, 1);
  } else {
    ++other_rule_matches_;
  }
}

void AppMetrics::count_body_fault(ContentCoding coding, BodyFault fault) noexcept {
  if (fault != BodyFault::kNone) ++body_faults_[index(coding)][index(fault)];
}

void AppMetrics::count_exceeded(RequestLimit limit) noexcept {
  if (limit != RequestLimit::kNone) ++exceeded_[index(limit)];
}

AppMetrics& Metrics::app(std::string_view name) {
  auto found = apps_.find(name);
  if (found == apps_.end()) {
    found = apps_.emplace(std::string(name), std::make_unique<AppMetrics>()).first;
  }
  return *found->second;
}

void Metrics::count_frame(FrameType type, Direction direction) noexcept {
  ++frames_[frame_index(type)][index(direction)];
}

void Metrics::count_protocol_error(WireError error) noexcept {
  ++protocol_errors_[index(error)];
}

void Metrics::count_haproxy_disconnect(std::uint64_t status_code) noexcept {
  ++haproxy_disconnects_[std::min<std::uint64_t>(status_code, kCodes - 1)];
}

void Metrics::count_pause(PauseCause cause) noexcept { ++pauses_[index(cause)]; }

void Metrics::count_request_fault(RequestFault fault) noexcept {
  if (fault != RequestFault::kNone) ++request_faults_[index(fault)];
}

void Metrics::count_unknown_arguments(std::uint64_t arguments) noexcept {
  unknown_arguments_ += arguments;
}

void Metrics::count_context(const Context& context) noexcept {
  for (std::size_t i = 0; i < kContextDrops; ++i) {
    context_dropped_[i] += context.dropped[i];
  }
  ++ja3_missing_[index(context.ja3.gap)];  // kNone is not shown
  ++ja4_missing_[index(context.ja4.gap)];
}

void Metrics::count_reload(ReloadResult result) noexcept { ++reloads_[index(result)]; }

}  // namespace spoa
