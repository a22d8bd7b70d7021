// The only place where it is decided what HAProxy is told to do.
#pragma once

#include <optional>

#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"
#include "spoa/verdict.h"

namespace spoa::judge {

/// Why this request needs no inspection to be answered, if so: it could not be
/// understood, is a response, or is cut and the application does not inspect such bodies.
std::optional<Failure> unfit(const Request& request, const Policy& policy);

/// Findings and policy to verdict. An intervention of the rules always counts; without
/// one, a request that was not inspected to its end never looks clean. The exception is a
/// body of which the rules did not get the whole, where the application does not inspect
/// such bodies: what the rules made of its part does not count, as if unfit() had known.
Verdict decide(const Findings& findings, const Policy& policy);

}  // namespace spoa::judge
