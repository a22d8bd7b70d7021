// The counters in Prometheus's text format 0.0.4.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "metrics.h"
#include "metrics_process.h"
#include "metrics_table.h"

namespace spoa {
namespace {

/// SPOE.txt 3.2's names. `expected` directions are shown from the start, others once
/// seen.
struct FrameLabel {
  std::string_view name;
  Direction expected;
};
constexpr std::array<FrameLabel, 8> kFrameLabels{{
    {"unset", Direction::kIn},
    {"haproxy-hello", Direction::kIn},
    {"haproxy-disconnect", Direction::kIn},
    {"notify", Direction::kIn},
    {"agent-hello", Direction::kOut},
    {"agent-disconnect", Direction::kOut},
    {"ack", Direction::kOut},
    {"unknown", Direction::kIn},
}};
constexpr std::array kDirections{Direction::kIn, Direction::kOut};

/// In the order of HoldEnd.
constexpr std::array<std::string_view, kHoldEnds> kHoldEndNames{
    "expired", "evicted", "replaced", "reload", "drain"};

/// Verdicts that come before any rule runs. They are shown from the start, or an alert on
/// their increase would miss the first one.
constexpr std::array kUninspected{Reason::kOverload, Reason::kBadRequest,
                                  Reason::kTruncated, Reason::kUnknownTransaction,
                                  Reason::kShutdown};

void head(std::string& out, Metric metric) {
  const MetricInfo& info = info_of(metric);
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", info.name,
                 info.help, name_of(info.type));
}

/// Backslash, quote and line break are all the format escapes in a label's value.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

template <typename Number>
void plain(std::string& out, Metric metric, Number value) {
  head(out, metric);
  fmt::format_to(std::back_inserter(out), "{} {}\n", info_of(metric).name, value);
}

std::string seconds_text(std::uint64_t us) {
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

void histogram(std::string& out, Metric metric, std::string_view app,
               const DurationHistogram& durations) {
  const std::string_view name = info_of(metric).name;
  auto to = std::back_inserter(out);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < durations.counts().size(); ++i) {
    const bool last = i == DurationHistogram::kBounds.size();
    total += durations.counts()[i];
    fmt::format_to(to, "{}_bucket{{app=\"{}\",le=\"{}\"}} {}\n", name, app,
                   last ? "+Inf" : DurationHistogram::kBounds[i].label, total);
  }
  fmt::format_to(to, "{}_sum{{app=\"{}\"}} {}\n", name, app,
                 seconds_text(durations.sum_us()));
  fmt::format_to(to, "{}_count{{app=\"{}\"}} {}\n", name, app, total);
}

bool from_the_start(std::size_t phase, Action action, Reason reason) noexcept {
  return phase == 0 && (action == Action::kAllow || action == Action::kDeny) &&
         std::find(kUninspected.begin(), kUninspected.end(), reason) !=
             kUninspected.end();
}

void render_process(std::string& out) {
  const ProcessStats stats = read_process_stats();
  plain(out, Metric::kProcessCpuSeconds, fmt::format("{:.2f}", stats.cpu_seconds));
  plain(out, Metric::kProcessResidentMemory, stats.resident_bytes);
  plain(out, Metric::kProcessVirtualMemory, stats.virtual_bytes);
  plain(out, Metric::kProcessOpenFds, stats.open_fds);
  plain(out, Metric::kProcessMaxFds, stats.max_fds);
  plain(out, Metric::kProcessStartTime, fmt::format("{:.2f}", stats.start_time_seconds));
  plain(out, Metric::kProcessThreads, stats.threads);
}

}  // namespace

void Metrics::render_verdicts(std::string& out) const {
  head(out, Metric::kVerdicts);
  const auto series = [&out](const std::string& app, std::size_t phase, Action action,
                             Reason reason, std::uint64_t count) {
    if (count == 0 && !from_the_start(phase, action, reason)) return;
    fmt::format_to(std::back_inserter(out),
                   "{}{{app=\"{}\",phase=\"{}\",action=\"{}\",reason=\"{}\"}} {}\n",
                   info_of(Metric::kVerdicts).name, app, phase, name_of(action),
                   name_of(reason), count);
  };
  for (const auto& [name, app] : apps_) {
    const std::string label = escaped(name);
    for (std::size_t phase = 0; phase < AppMetrics::kPhases; ++phase) {
      for (std::size_t action = 0; action < kActions; ++action) {
        for (std::size_t reason = 0; reason < kReasons; ++reason) {
          series(label, phase, static_cast<Action>(action), static_cast<Reason>(reason),
                 app->verdicts_[phase][action][reason]);
        }
      }
    }
  }
}

void Metrics::render_durations(std::string& out) const {
  head(out, Metric::kInspectSeconds);
  for (const auto& [name, app] : apps_) {
    histogram(out, Metric::kInspectSeconds, escaped(name), app->inspect_);
  }
  head(out, Metric::kQueueSeconds);
  for (const auto& [name, app] : apps_) {
    histogram(out, Metric::kQueueSeconds, escaped(name), app->queue_);
  }
}

void Metrics::render_frames(std::string& out) const {
  head(out, Metric::kFrames);
  for (std::size_t type = 0; type < kFrameLabels.size(); ++type) {
    for (const Direction direction : kDirections) {
      const std::uint64_t count = frames_[type][static_cast<std::size_t>(direction)];
      if (count == 0 && kFrameLabels[type].expected != direction) continue;
      fmt::format_to(std::back_inserter(out), "{}{{type=\"{}\",direction=\"{}\"}} {}\n",
                     info_of(Metric::kFrames).name, kFrameLabels[type].name,
                     direction == Direction::kIn ? "in" : "out", count);
    }
  }
}

void Metrics::render_errors(std::string& out) const {
  head(out, Metric::kProtocolErrors);
  for (std::size_t i = 0; i < kWireErrors; ++i) {
    fmt::format_to(std::back_inserter(out), "{}{{error=\"{}\"}} {}\n",
                   info_of(Metric::kProtocolErrors).name,
                   name_of(static_cast<WireError>(i)), protocol_errors_[i]);
  }
  head(out, Metric::kHaproxyDisconnects);
  for (std::size_t i = 0; i < kCodes; ++i) {
    fmt::format_to(std::back_inserter(out), "{}{{status_code=\"{}\"}} {}\n",
                   info_of(Metric::kHaproxyDisconnects).name,
                   i + 1 < kCodes ? std::to_string(i) : "other", haproxy_disconnects_[i]);
  }
  head(out, Metric::kFaultyRequests);
  for (std::size_t i = 1; i < kRequestFaults; ++i) {  // 0 is no fault
    fmt::format_to(std::back_inserter(out), "{}{{fault=\"{}\"}} {}\n",
                   info_of(Metric::kFaultyRequests).name,
                   name_of(static_cast<RequestFault>(i)), request_faults_[i]);
  }
}

void Metrics::render_connections(std::string& out, const Gauges& gauges) const {
  plain(out, Metric::kConnections, gauges.connections);
  plain(out, Metric::kConnectionsFull, times_full_);
  plain(out, Metric::kConnectionsRefused, refused_connections_);
  head(out, Metric::kReadingPaused);
  fmt::format_to(std::back_inserter(out),
                 "{0}{{limit=\"frames-in-flight\"}} {1}\n{0}{{limit=\"unsent\"}} {2}\n",
                 info_of(Metric::kReadingPaused).name,
                 pauses_[static_cast<std::size_t>(PauseCause::kFramesInFlight)],
                 pauses_[static_cast<std::size_t>(PauseCause::kUnsent)]);
  plain(out, Metric::kBufferedBytes, gauges.buffered_bytes);
}

void Metrics::render_context(std::string& out) const {
  head(out, Metric::kContextDropped);
  for (std::size_t i = 0; i < kContextDrops; ++i) {
    fmt::format_to(std::back_inserter(out), "{}{{reason=\"{}\"}} {}\n",
                   info_of(Metric::kContextDropped).name,
                   name_of(static_cast<ContextDrop>(i)), context_dropped_[i]);
  }
  head(out, Metric::kFingerprintsMissing);
  const auto series = [&out](std::string_view kind, const auto& missing) {
    for (std::size_t i = 1; i < kFingerprintGaps; ++i) {  // 0 is no gap
      fmt::format_to(std::back_inserter(out), "{}{{kind=\"{}\",reason=\"{}\"}} {}\n",
                     info_of(Metric::kFingerprintsMissing).name, kind,
                     name_of(static_cast<FingerprintGap>(i)), missing[i]);
    }
  };
  series("ja3", ja3_missing_);
  series("ja4", ja4_missing_);
}

void Metrics::render_rule_matches(std::string& out) const {
  head(out, Metric::kRuleMatches);
  const std::string_view metric = info_of(Metric::kRuleMatches).name;
  for (const auto& [name, app] : apps_) {
    const std::string label = escaped(name);
    std::vector<std::pair<std::int64_t, std::uint64_t>> rules(app->rule_matches_.begin(),
                                                              app->rule_matches_.end());
    std::sort(rules.begin(), rules.end());
    for (const auto& [id, count] : rules) {
      fmt::format_to(std::back_inserter(out), "{}{{app=\"{}\",rule_id=\"{}\"}} {}\n",
                     metric, label, id, count);
    }
    fmt::format_to(std::back_inserter(out), "{}{{app=\"{}\",rule_id=\"other\"}} {}\n",
                   metric, label, app->other_rule_matches_);
  }
}

void Metrics::render_app_counters(std::string& out) const {
  const auto series = [&](Metric metric, std::uint64_t AppMetrics::*counter) {
    head(out, metric);
    for (const auto& [name, app] : apps_) {
      fmt::format_to(std::back_inserter(out), "{}{{app=\"{}\"}} {}\n",
                     info_of(metric).name, escaped(name), (*app).*counter);
    }
  };
  series(Metric::kWorkerHangs, &AppMetrics::hangs_);
  series(Metric::kBodiesTruncated, &AppMetrics::bodies_truncated_);
  render_body_faults(out);
  head(out, Metric::kRequestsExceeding);
  for (const auto& [name, app] : apps_) {
    for (std::size_t i = 1; i < kRequestLimits; ++i) {  // 0 is none
      fmt::format_to(std::back_inserter(out), "{}{{app=\"{}\",limit=\"{}\"}} {}\n",
                     info_of(Metric::kRequestsExceeding).name, escaped(name),
                     name_of(static_cast<RequestLimit>(i)), app->exceeded_[i]);
    }
  }
  series(Metric::kResponsesUnmatched, &AppMetrics::responses_unmatched_);
  series(Metric::kTransactionsHeld, &AppMetrics::held_);
  series(Metric::kTransactionsHeldBytes, &AppMetrics::held_bytes_);
  head(out, Metric::kTransactionsUnanswered);
  for (const auto& [name, app] : apps_) {
    for (std::size_t i = 0; i < kHoldEnds; ++i) {
      fmt::format_to(std::back_inserter(out), "{}{{app=\"{}\",cause=\"{}\"}} {}\n",
                     info_of(Metric::kTransactionsUnanswered).name, escaped(name),
                     kHoldEndNames[i], app->held_ends_[i]);
    }
  }
}

void Metrics::render_body_faults(std::string& out) const {
  head(out, Metric::kBodiesNotWhole);
  for (const auto& [name, app] : apps_) {
    for (std::size_t coding = 0; coding < kContentCodings; ++coding) {
      for (std::size_t fault = 0; fault < kBodyFaults; ++fault) {
        if (app->body_faults_[coding][fault] == 0) continue;
        fmt::format_to(
            std::back_inserter(out), "{}{{app=\"{}\",coding=\"{}\",reason=\"{}\"}} {}\n",
            info_of(Metric::kBodiesNotWhole).name, escaped(name),
            name_of(static_cast<ContentCoding>(coding)),
            name_of(static_cast<BodyFault>(fault)), app->body_faults_[coding][fault]);
      }
    }
  }
}

void Metrics::render_reloads(std::string& out, const Gauges& gauges) const {
  plain(out, Metric::kRulesetGeneration, gauges.ruleset_generation);
  plain(out, Metric::kGenerationsLive, gauges.generations_live);
  head(out, Metric::kReloads);
  const std::string_view name = info_of(Metric::kReloads).name;
  fmt::format_to(std::back_inserter(out),
                 "{0}{{result=\"success\"}} {1}\n{0}{{result=\"failure\"}} {2}\n", name,
                 reloads_[static_cast<std::size_t>(ReloadResult::kSuccess)],
                 reloads_[static_cast<std::size_t>(ReloadResult::kFailure)]);
  const auto seconds = [](std::chrono::microseconds time) {
    return seconds_text(
        static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)));
  };
  plain(out, Metric::kReloadSeconds, seconds(reload_time_));
  plain(out, Metric::kReloadRunning, seconds(gauges.reload_running));
}

std::string Metrics::render(const Gauges& gauges) const {
  std::string out;
  out.reserve(16UL * 1024);
  render_verdicts(out);
  render_durations(out);
  plain(out, Metric::kQueueDepth, gauges.queue_depth);
  plain(out, Metric::kWorkers, gauges.workers);
  plain(out, Metric::kWorkersBusy, gauges.workers_busy);
  plain(out, Metric::kWorkersHung, gauges.workers_hung);
  render_connections(out, gauges);
  render_frames(out);
  render_errors(out);
  plain(out, Metric::kUnknownArguments, unknown_arguments_);
  plain(out, Metric::kUnknownApplication, unknown_applications_);
  render_context(out);
  render_rule_matches(out);
  render_app_counters(out);
  plain(out, Metric::kLateFindings, late_findings_);
  plain(out, Metric::kEventsDropped, gauges.events_dropped);
  render_reloads(out, gauges);
  head(out, Metric::kBuildInfo);
  fmt::format_to(std::back_inserter(out),
                 "{}{{version=\"{}\",libmodsecurity=\"{}\"}} 1\n",
                 info_of(Metric::kBuildInfo).name, escaped(build_.version),
                 escaped(build_.libmodsecurity));
  render_process(out);
  return out;
}

}  // namespace spoa
