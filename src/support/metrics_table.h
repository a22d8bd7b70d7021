// Every metric of the daemon: what /metrics announces, and what docs/metrics.md lists.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spoa {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

/// Prometheus's word for it.
constexpr std::string_view name_of(MetricType type) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"counter", "gauge", "histogram"};
  return kNames[static_cast<std::size_t>(type)];
}

struct MetricInfo {
  std::string_view name;  ///< whole
  MetricType type;
  std::string_view unit;    ///< of the values
  std::string_view labels;  ///< names, joined by commas; empty: none
  std::string_view help;    ///< one sentence, no full stop
};

/// Indexes of kMetricTable, in its order.
enum class Metric : std::uint8_t {
  kVerdicts,
  kInspectSeconds,
  kQueueSeconds,
  kQueueDepth,
  kWorkers,
  kWorkersBusy,
  kWorkersHung,
  kWorkerHangs,
  kConnections,
  kConnectionsFull,
  kConnectionsRefused,
  kReadingPaused,
  kBufferedBytes,
  kFrames,
  kProtocolErrors,
  kHaproxyDisconnects,
  kFaultyRequests,
  kUnknownArguments,
  kUnknownApplication,
  kContextDropped,
  kFingerprintsMissing,
  kRuleMatches,
  kBodiesTruncated,
  kBodiesNotWhole,
  kRequestsExceeding,
  kResponsesUnmatched,
  kTransactionsHeld,
  kTransactionsHeldBytes,
  kTransactionsUnanswered,
  kLateFindings,
  kEventsDropped,
  kRulesetGeneration,
  kGenerationsLive,
  kReloads,
  kReloadSeconds,
  kReloadRunning,
  kBuildInfo,
  kProcessCpuSeconds,
  kProcessResidentMemory,
  kProcessVirtualMemory,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessStartTime,
  kProcessThreads,
};
inline constexpr std::size_t kMetrics =
    static_cast<std::size_t>(Metric::kProcessThreads) + 1;

// clang-format off
inline constexpr std::array<MetricInfo, kMetrics> kMetricTable{{
    {"spoa_modsecurity_verdicts_total", MetricType::kCounter, "verdicts", "app,phase,action,reason",
     "Verdicts sent, by the last phase that ran (0: none), the action and the reason"},
    {"spoa_modsecurity_inspect_seconds", MetricType::kHistogram, "seconds", "app",
     "Time the rules took for one message"},
    {"spoa_modsecurity_queue_seconds", MetricType::kHistogram, "seconds", "app",
     "Time a message waited for a worker"},
    {"spoa_modsecurity_queue_depth", MetricType::kGauge, "messages", "",
     "Messages that wait for a worker now"},
    {"spoa_modsecurity_workers", MetricType::kGauge, "threads", "",
     "Worker threads that take part; fewer than configured: more hang than could be replaced"},
    {"spoa_modsecurity_workers_busy", MetricType::kGauge, "threads", "",
     "Worker threads that inspect a message now"},
    {"spoa_modsecurity_workers_hung", MetricType::kGauge, "threads", "",
     "Worker threads that have been at one message for longer than hang-timeout; others take their place"},
    {"spoa_modsecurity_worker_hangs_total", MetricType::kCounter, "times", "app",
     "Times that a worker was found to hang, by the application whose message it is at"},
    {"spoa_modsecurity_connections", MetricType::kGauge, "connections", "",
     "Connections from HAProxy open now"},
    {"spoa_modsecurity_connections_full_total", MetricType::kCounter, "times", "",
     "Times that limits.connections was reached and nothing could make room: new ones then wait until others end"},
    {"spoa_modsecurity_connections_refused_total", MetricType::kCounter, "connections", "",
     "Connections closed at once because limits.connections-per-address was reached"},
    {"spoa_modsecurity_reading_paused_total", MetricType::kCounter, "times", "limit",
     "Times that a connection was not read for a while, by the limit it had reached; nothing is lost"},
    {"spoa_modsecurity_buffered_bytes", MetricType::kGauge, "bytes", "",
     "Unfinished frames, fragments and answers not yet read, of all connections, held now"},
    {"spoa_modsecurity_frames_total", MetricType::kCounter, "frames", "type,direction",
     "SPOP frames received (in) and sent (out)"},
    {"spoa_modsecurity_protocol_errors_total", MetricType::kCounter, "errors", "error",
     "Connections ended because of what the peer sent, or did not send in time"},
    {"spoa_modsecurity_haproxy_disconnects_total", MetricType::kCounter, "frames", "status_code",
     "HAPROXY-DISCONNECT frames by their code: 0 to 2 are routine, others complain about this agent"},
    {"spoa_modsecurity_request_faults_total", MetricType::kCounter, "messages", "fault",
     "Messages that could not be taken as a whole request or response (reason bad-request)"},
    {"spoa_modsecurity_unknown_arguments_total", MetricType::kCounter, "arguments", "",
     "Arguments with a name the agent does not know, ignored"},
    {"spoa_modsecurity_unknown_application_total", MetricType::kCounter, "messages", "",
     "Messages for an application that is not configured, judged by the default one"},
    {"spoa_modsecurity_context_values_dropped_total", MetricType::kCounter, "arguments", "reason",
     "Arguments tx.NAME that did not become a variable"},
    {"spoa_modsecurity_fingerprints_missing_total", MetricType::kCounter, "messages", "kind,reason",
     "Messages of a TLS connection whose fingerprint could not be computed"},
    {"spoa_modsecurity_rule_matches_total", MetricType::kCounter, "matches", "app,rule_id",
     "Matches of rules that log; the first 200 rules of an application by id, the rest as other"},
    {"spoa_modsecurity_bodies_truncated_total", MetricType::kCounter, "messages", "app",
     "Messages of which the rules did not get the whole body, whatever the reason"},
    {"spoa_modsecurity_bodies_not_whole_total", MetricType::kCounter, "messages", "app,coding,reason",
     "The part of these that HAProxy did not cut: beyond a limit, or not decoded to its end"},
    {"spoa_modsecurity_requests_exceeding_total", MetricType::kCounter, "messages", "app,limit",
     "Requests not inspected because they exceed one of the application's limits (reason timeout)"},
    {"spoa_modsecurity_responses_unmatched_total", MetricType::kCounter, "responses", "app",
     "Responses whose request is not known any more, or never was"},
    {"spoa_modsecurity_transactions_held", MetricType::kGauge, "transactions", "app",
     "Transactions that wait for their response now"},
    {"spoa_modsecurity_transactions_held_bytes", MetricType::kGauge, "bytes", "app",
     "Memory they take, as estimated for responses.store"},
    {"spoa_modsecurity_transactions_unanswered_total", MetricType::kCounter, "transactions", "app,cause",
     "Transactions that waited for a response in vain, by what ended them: expired, evicted, replaced, reload, drain"},
    {"spoa_modsecurity_late_findings_total", MetricType::kCounter, "messages", "",
     "Inspections that ended after their answer was due, or after their connection"},
    {"spoa_modsecurity_events_dropped_total", MetricType::kCounter, "events", "",
     "Events lost because the queue was full or the target failed"},
    {"spoa_modsecurity_ruleset_generation", MetricType::kGauge, "generation", "",
     "Generation of the rules in force: 1 at start, one more with every successful reload"},
    {"spoa_modsecurity_generations_live", MetricType::kGauge, "generations", "",
     "Generations of the rules in memory: the one in force, and those that transactions still use"},
    {"spoa_modsecurity_reloads_total", MetricType::kCounter, "reloads", "result",
     "Reloads of settings, rules and certificates, by result: success or failure (what was in force stays)"},
    {"spoa_modsecurity_reload_seconds", MetricType::kGauge, "seconds", "",
     "Time the last load took"},
    {"spoa_modsecurity_reload_running_seconds", MetricType::kGauge, "seconds", "",
     "Time the reload under way has taken so far; 0: there is none"},
    {"spoa_modsecurity_build_info", MetricType::kGauge, "1", "version,libmodsecurity",
     "Always 1; the labels tell the versions of the agent and of the library"},
    {"process_cpu_seconds_total", MetricType::kCounter, "seconds", "",
     "User and system CPU time spent"},
    {"process_resident_memory_bytes", MetricType::kGauge, "bytes", "",
     "Resident memory"},
    {"process_virtual_memory_bytes", MetricType::kGauge, "bytes", "",
     "Virtual memory"},
    {"process_open_fds", MetricType::kGauge, "descriptors", "",
     "Open file descriptors"},
    {"process_max_fds", MetricType::kGauge, "descriptors", "",
     "Soft limit on open file descriptors"},
    {"process_start_time_seconds", MetricType::kGauge, "seconds", "",
     "Start of the process, in seconds since the epoch"},
    {"process_threads", MetricType::kGauge, "threads", "",
     "Threads of the process"},
}};
// clang-format on

constexpr const MetricInfo& info_of(Metric metric) noexcept {
  return kMetricTable[static_cast<std::size_t>(metric)];
}

}  // namespace spoa
