// The command `check`, and what `run` does before it starts.
#pragma once

#include <memory>

#include "generation.h"
#include "settings/invocation.h"

namespace spoa::serve {

/// Loads the rules. On mistakes lists them all on standard error and returns nullptr.
std::shared_ptr<const Generation> load_or_complain(const Settings& settings);

/// `check`: returns the exit status.
int check(const settings::Invocation& invocation);

}  // namespace spoa::serve
