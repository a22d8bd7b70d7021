#include "decide.h"

namespace spoa::judge {
namespace {

constexpr int kForbidden = 403;
constexpr int kContentTooLarge = 413;
constexpr int kServiceUnavailable = 503;

Reason reason_of(Failure failure) {
  switch (failure) {
    case Failure::kOverload:
      return Reason::kOverload;
    case Failure::kTimeout:
      return Reason::kTimeout;
    case Failure::kBadRequest:
      return Reason::kBadRequest;
    case Failure::kTruncated:
      return Reason::kTruncated;
    case Failure::kUnknownTransaction:
      return Reason::kUnknownTransaction;
    case Failure::kShutdown:
      return Reason::kShutdown;
    case Failure::kEngineError:
      break;
  }
  return Reason::kEngineError;
}

bool denies(Failure failure, const Policy& policy) {
  if (failure == Failure::kTruncated)
    return policy.on_truncated_body == TruncationPolicy::kDeny;
  if (failure == Failure::kTimeout) return policy.on_timeout == FailurePolicy::kDeny;
  return policy.on_failure == FailurePolicy::kDeny;
}

Verdict without_inspection(Failure failure, const Policy& policy) {
  Verdict verdict;
  verdict.reason = reason_of(failure);
  if (denies(failure, policy)) {
    verdict.action = Action::kDeny;
    verdict.code =
        failure == Failure::kTruncated ? kContentTooLarge : kServiceUnavailable;
  }
  return verdict;
}

Verdict as_the_rules_say(const Intervention& intervention, Reason reason) {
  Verdict verdict;
  verdict.reason = reason;
  verdict.code = intervention.status >= 100 && intervention.status <= 599
                     ? intervention.status
                     : kForbidden;
  if (!intervention.redirect_url.empty()) {
    verdict.action = Action::kRedirect;
    verdict.redirect_url = intervention.redirect_url;
  } else {
    verdict.action = intervention.drop ? Action::kDrop : Action::kDeny;
  }
  return verdict;
}

}  // namespace

std::optional<Failure> unfit(const Request& message, const Policy& policy) {
  // Without headers the rest can still be inspected, and an attack in it denied.
  if (message.fault != RequestFault::kNone &&
      message.fault != RequestFault::kMissingHeaders) {
    return Failure::kBadRequest;
  }
  const bool is_request = !message.response_status;
  if (is_request && message.body_truncated &&
      policy.on_truncated_body != TruncationPolicy::kInspect) {
    return Failure::kTruncated;
  }
  return std::nullopt;
}

Verdict decide(const Findings& findings, const Policy& policy) {
  // Whatever the action: a rule with `nolog` denies, and leaves no reason.
  const Reason reason = findings.matches.empty() ? Reason::kClean : Reason::kRules;
  if (findings.intervention) return as_the_rules_say(*findings.intervention, reason);
  if (findings.failure) return without_inspection(*findings.failure, policy);
  Verdict verdict;
  verdict.reason = reason;
  return verdict;
}

Verdict only_observed(const Verdict& verdict) {
  Verdict observed;
  observed.reason = verdict.reason;
  return observed;
}

}  // namespace spoa::judge
