// ACK: the verdict, spelled as variables of HAProxy's `txn` scope (SPOE.txt 3.2.7, 3.4).
#pragma once

#include <cstdint>
#include <string>

#include "spoa/frame.h"
#include "spoa/request.h"
#include "spoa/verdict.h"
#include "writer.h"

namespace spoa::reply {

/// The answer to one NOTIFY.
struct Answer {
  FrameId frame;  ///< the NOTIFY's: echoed exactly
  Verdict verdict;
  std::string id;  ///< the transaction's
  std::int64_t anomaly_score = 0;
  std::uint32_t rules_hit = 0;
  std::string rule_ids;  ///< comma-separated, in order of first match
  bool body_truncated = false;
  std::uint64_t ruleset = 0;
  std::uint64_t inspect_us = 0;
  bool response = false;  ///< prefixes every variable with `res_`, but for coraza-res
  Dialect dialect = Dialect::kNamed;
  std::int64_t rule_id = 0;  ///< the deciding rule's, or 0
  std::string ja3{};         ///< empty: not known
  std::string ja4{};
};

/// Length fields above this are not sent, whatever was negotiated.
inline constexpr std::uint32_t kLargestAckBytes = 4096;

/// Appends one ACK. Any thread.
///
/// It sets, in this order: action, code, status (unless allowed), data (of a redirect),
/// reason, id, anomaly_score, rules_hit, rule_ids, body_truncated, ruleset, inspect_us,
/// ja3 and ja4 (when known); for coraza-spoa's dialect ruleid (when a rule decided).
/// Numbers are INT64 and never negative. Control bytes in a text become '?'; in `data`, a
/// URL, whatever a URL cannot hold is percent-encoded.
///
/// max_frame_size  negotiated, at least kSmallestMaxFrameSize. The length field stays
///                 below it (a frame of exactly that size wedges HAProxy 3.1 and later).
///
/// What does not fit is left out: rule_ids, then data, then the others from the last
/// up. Never action, code and reason: those always fit.
void write_ack(const Answer& answer, std::uint32_t max_frame_size, Buffer& out);

}  // namespace spoa::reply
