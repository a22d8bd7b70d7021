// The only place where it is decided what HAProxy is told to do.
#pragma once

#include <optional>

#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"
#include "spoa/verdict.h"

namespace spoa::judge {

/// Why this message needs no inspection to be answered, if so: it could not be
/// understood; or it is a request that is cut, and the application does not inspect such
/// bodies. (Large responses are always cut: HAProxy must not wait for their end.)
std::optional<Failure> unfit(const Request& message, const Policy& policy);

/// Findings and policy to verdict. An intervention of the rules always counts; without
/// one, a request that was not inspected to its end never looks clean.
Verdict decide(const Findings& findings, const Policy& policy);

/// The same findings where nothing is to be done about them: allowed, with their reason.
Verdict only_observed(const Verdict& verdict);

}  // namespace spoa::judge
