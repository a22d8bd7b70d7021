// What spop-client does once it knows what it is asked.
#pragma once

#include "options.h"

namespace spop {

/// Talks to the agent; prints a line for every answer on standard output, complaints on
/// standard error. Returns the exit status: 0 or 1, as --help says.
int run(const Options& options);

}  // namespace spop
