// What the rules found in one request or response.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spoa {

/// One match of a rule that logs (rules with `nolog` are not reported by the library).
struct RuleMatch {
  std::int64_t id = 0;
  std::string message;  ///< the rule's `msg`, macros expanded
  std::string data;     ///< the rule's `logdata`, macros expanded
  int severity = 0;     ///< 0 emergency .. 7 debug
  int phase = 0;        ///< 1 .. 5
  std::vector<std::string> tags;
  std::string file;  ///< the user's rules file
  int line = 0;
  std::string variable;  ///< the variable that matched, such as `ARGS:q`; may be empty
};

/// What a disruptive rule asked for.
struct Intervention {
  int status = 0;            ///< HTTP status
  std::string redirect_url;  ///< not empty: a redirect
  bool drop = false;         ///< the deciding rule says `drop`
  int phase = 0;             ///< 1 .. 5
  std::int64_t rule_id =
      0;  ///< the deciding rule's; 0: it does not log, so it is unknown
};

/// Why a request was not inspected to its end.
enum class Failure : std::uint8_t {
  kOverload,            ///< queue full, or waited too long
  kTimeout,             ///< its time ran out while being inspected
  kBadRequest,          ///< see RequestFault
  kTruncated,           ///< the application does not inspect cut bodies
  kUnknownTransaction,  ///< a response whose request is not known
  kShutdown,            ///< arrived while the agent drains
  kEngineError,         ///< the library threw
};

/// Written by one worker, then handed to the loop thread whole.
struct Findings {
  std::optional<Intervention> intervention;
  std::optional<Failure> failure;  ///< set: inspection did not reach its end
  std::vector<RuleMatch> matches;  ///< its own, in order of match, up to the verdict
  std::vector<RuleMatch> logging_matches;  ///< of phase 5, which ends a response
  /// Inbound for a request, outbound for a response, under CRS 3's and CRS 4's names.
  std::int64_t anomaly_score = 0;
  int phase = 0;  ///< the last phase that ran
  std::chrono::microseconds inspect_time{0};
  std::chrono::microseconds queue_time{0};
};

}  // namespace spoa
