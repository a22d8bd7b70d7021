// What the rules found in one request or response.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// The coding of a body, by its Content-Encoding.
enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kDeflate, kOther };
inline constexpr std::size_t kContentCodings =
    static_cast<std::size_t>(ContentCoding::kOther) + 1;

/// Why the rules did not get all of a body that HAProxy handed over.
enum class BodyFault : std::uint8_t {
  kNone,
  kLimit,       ///< more bytes than `bodies.limit`
  kRatio,       ///< grew more than `bodies.ratio` times while it was decoded
  kUnfinished,  ///< the coded stream has no end
  kDamaged,     ///< the coded stream is not what its coding says, or more follows it
  kUnknown,     ///< a coding that is not known here
};
inline constexpr std::size_t kBodyFaults =
    static_cast<std::size_t>(BodyFault::kUnknown) + 1;

/// Which of an application's limits on requests one exceeded.
enum class RequestLimit : std::uint8_t { kNone, kArguments, kDepth };
inline constexpr std::size_t kRequestLimits =
    static_cast<std::size_t>(RequestLimit::kDepth) + 1;

/// Stable, lower case: `none`, `arguments`, `depth`.
std::string_view name_of(RequestLimit limit) noexcept;
/// Stable, lower case: `identity`, `gzip`, `deflate`, `other`.
std::string_view name_of(ContentCoding coding) noexcept;
/// Stable, lower case: `none`, `limit`, `ratio`, ...
std::string_view name_of(BodyFault fault) noexcept;

/// Written by one worker, then handed to the loop thread whole.
struct Findings {
  std::optional<Intervention> intervention;
  std::optional<Failure> failure;  ///< set: inspection did not reach its end
  std::vector<RuleMatch> matches;  ///< its own, in order of match, up to the verdict
  std::vector<RuleMatch> logging_matches;  ///< of phase 5, which ends a response
  /// Inbound for a request, outbound for a response, under CRS 3's and CRS 4's names.
  std::int64_t anomaly_score = 0;
  int phase = 0;  ///< the last phase that ran
  /// The rules did not get the whole body; see Request::body_truncated, too.
  bool body_truncated = false;
  ContentCoding body_coding = ContentCoding::kIdentity;  ///< the one body_fault is about
  BodyFault body_fault = BodyFault::kNone;  ///< why, where it is not HAProxy's doing
  /// Its cost is the sender's choice, so `failure` is kTimeout, though no time was spent.
  RequestLimit exceeded = RequestLimit::kNone;
  std::chrono::microseconds inspect_time{0};
  std::chrono::microseconds queue_time{0};
};

}  // namespace spoa
