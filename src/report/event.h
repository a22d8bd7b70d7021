// What the event file says about one verdict, before it is spelled.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/verdict.h"

namespace spoa::report {

/// Filled on the loop thread, spelled on the writer's. The request is shared: whoever
/// lets go of it last frees it, and nobody changes it.
struct Event {
  std::chrono::system_clock::time_point time;
  std::shared_ptr<const Request> message;  ///< null: the payload could not be decoded
  std::shared_ptr<const Request> request;  ///< of a response, when it is known
  std::string app;                         ///< the application that judged
  Verdict verdict;
  Findings findings;
  std::uint64_t ruleset = 0;  ///< generation of the rules
  bool shadow = false;        ///< the finding of a shadow rule set
};

/// Whether a verdict is worth an event: a rule that logs matched, or it does not let the
/// traffic pass, or it was reached without inspection.
inline bool is_due(const Verdict& verdict, const Findings& findings) noexcept {
  return !findings.matches.empty() || !findings.logging_matches.empty() ||
         verdict.action != Action::kAllow ||
         (verdict.reason != Reason::kClean && verdict.reason != Reason::kRules);
}

}  // namespace spoa::report
