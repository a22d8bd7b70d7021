// Counters, and how they look to Prometheus (text format 0.0.4).
//
// Loop thread only: that is where verdicts are given and where /metrics is answered. What
// other threads count is read when somebody asks, and comes in through Gauges.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "metrics_histogram.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/spop.h"
#include "spoa/verdict.h"
#include "spoa/wire_error.h"

namespace spoa {

/// Why a transaction that waited for its response ended without one.
enum class HoldEnd : std::uint8_t {
  kExpired,   ///< `responses.hold` is over
  kEvicted,   ///< a limit of `responses` was reached
  kReplaced,  ///< a new request came under the same id
  kReload,    ///< its rules are too old
  kDrain,     ///< the agent stops
};
inline constexpr std::size_t kHoldEnds = static_cast<std::size_t>(HoldEnd::kDrain) + 1;

/// One application's counters. Looked up by name once, not per message; counting takes no
/// memory but for the first match of a rule.
class AppMetrics {
 public:
  static constexpr std::size_t kPhases = 6;  ///< 0 to 5
  static constexpr std::size_t kMaxRules = 200;

  AppMetrics() { rule_matches_.reserve(kMaxRules); }

  /// A verdict that was sent: itself, the times it took, the rules that matched. A phase
  /// outside 0 to 5 counts as the nearest. Times count only where they were spent: the
  /// queue's not for a message refused at its door, the rules' not when none ran.
  void count(const Verdict& verdict, const Findings& findings);
  void count_truncated_body() noexcept { ++bodies_truncated_; }
  /// BodyFault::kNone is not counted.
  void count_body_fault(ContentCoding coding, BodyFault fault) noexcept;
  /// RequestLimit::kNone is not counted.
  void count_exceeded(RequestLimit limit) noexcept;
  void count_hang() noexcept { ++hangs_; }
  void count_unmatched_response() noexcept { ++responses_unmatched_; }
  void count_held_end(HoldEnd why) noexcept {
    ++held_ends_[static_cast<std::size_t>(why)];
  }
  void set_held(std::uint64_t transactions, std::uint64_t bytes) noexcept {
    held_ = transactions;
    held_bytes_ = bytes;
  }

 private:
  friend class Metrics;
  using ByReason = std::array<std::uint64_t, kReasons>;
  using ByAction = std::array<ByReason, kActions>;

  void count_rule(std::int64_t id);

  std::array<ByAction, kPhases> verdicts_{};
  DurationHistogram inspect_;
  DurationHistogram queue_;
  std::unordered_map<std::int64_t, std::uint64_t> rule_matches_;  ///< kMaxRules at most
  std::uint64_t other_rule_matches_ = 0;
  std::uint64_t bodies_truncated_ = 0;
  std::array<std::array<std::uint64_t, kBodyFaults>, kContentCodings> body_faults_{};
  std::array<std::uint64_t, kRequestLimits> exceeded_{};
  std::uint64_t hangs_ = 0;
  std::uint64_t responses_unmatched_ = 0;
  std::uint64_t held_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::array<std::uint64_t, kHoldEnds> held_ends_{};
};

enum class Direction : std::uint8_t { kIn, kOut };
/// Why a connection was not read for a while: the limit it had reached.
enum class PauseCause : std::uint8_t { kFramesInFlight, kUnsent };
enum class ReloadResult : std::uint8_t { kSuccess, kFailure };

/// What others know, at the time of asking.
struct Gauges {
  std::uint64_t queue_depth = 0;
  std::uint64_t workers = 0;
  std::uint64_t workers_busy = 0;
  std::uint64_t workers_hung = 0;
  std::uint64_t connections = 0;
  std::uint64_t buffered_bytes = 0;
  std::uint64_t ruleset_generation = 0;
  std::uint64_t generations_live = 0;
  std::chrono::microseconds reload_running{0};  ///< 0: none is under way
  std::uint64_t events_dropped = 0;             ///< since the start
};

struct BuildInfo {
  std::string version;
  std::string libmodsecurity;
};

class Metrics {
 public:
  explicit Metrics(BuildInfo build) : build_(std::move(build)) {}
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The counters of an application, made when they are not there. The reference stays
  /// valid, and the counters stay, as long as this lives: an application that a reload
  /// drops and another brings back goes on where it was.
  AppMetrics& app(std::string_view name);

  void count_frame(FrameType type, Direction direction) noexcept;
  void count_protocol_error(WireError error) noexcept;
  /// Codes HAProxy does not define count together.
  void count_haproxy_disconnect(std::uint64_t status_code) noexcept;
  void count_pause(PauseCause cause) noexcept;
  /// RequestFault::kNone is not counted.
  void count_request_fault(RequestFault fault) noexcept;
  void count_unknown_arguments(std::uint64_t arguments) noexcept;
  /// Values that were dropped, and fingerprints that are missing.
  void count_context(const Context& context) noexcept;
  void count_unknown_application() noexcept { ++unknown_applications_; }
  void count_refused_connection() noexcept { ++refused_connections_; }
  void count_full() noexcept { ++times_full_; }
  void count_late_findings() noexcept { ++late_findings_; }
  void count_reload(ReloadResult result) noexcept;
  /// Of the load at the start, too.
  void set_reload_time(std::chrono::microseconds time) noexcept { reload_time_ = time; }

  /// The body of an answer of type `text/plain; version=0.0.4; charset=utf-8`. Reads
  /// /proc/self.
  [[nodiscard]] std::string render(const Gauges& gauges) const;

 private:
  static constexpr std::size_t kFrameTypes = 8;  ///< seven of SPOP's, and the unknown
  static constexpr std::size_t kCodes = 15;      ///< 0 to 13, and the others
  using ByDirection = std::array<std::uint64_t, 2>;

  void render_verdicts(std::string& out) const;
  void render_durations(std::string& out) const;
  void render_frames(std::string& out) const;
  void render_errors(std::string& out) const;
  void render_connections(std::string& out, const Gauges& gauges) const;
  void render_context(std::string& out) const;
  void render_rule_matches(std::string& out) const;
  void render_app_counters(std::string& out) const;
  void render_body_faults(std::string& out) const;
  void render_reloads(std::string& out, const Gauges& gauges) const;

  const BuildInfo build_;
  std::map<std::string, std::unique_ptr<AppMetrics>, std::less<>> apps_;
  std::array<ByDirection, kFrameTypes> frames_{};
  std::array<std::uint64_t, kWireErrors> protocol_errors_{};
  std::array<std::uint64_t, kCodes> haproxy_disconnects_{};
  std::array<std::uint64_t, 2> pauses_{};
  std::array<std::uint64_t, kRequestFaults> request_faults_{};
  std::uint64_t unknown_arguments_ = 0;
  std::uint64_t unknown_applications_ = 0;
  std::array<std::uint64_t, kContextDrops> context_dropped_{};
  std::array<std::uint64_t, kFingerprintGaps> ja3_missing_{};
  std::array<std::uint64_t, kFingerprintGaps> ja4_missing_{};
  std::uint64_t refused_connections_ = 0;
  std::uint64_t times_full_ = 0;
  std::uint64_t late_findings_ = 0;
  std::array<std::uint64_t, 2> reloads_{};
  std::chrono::microseconds reload_time_{0};
};

}  // namespace spoa
