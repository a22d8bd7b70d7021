// The command `bench`: the one entry of this folder for `serve`.
#pragma once

#include "spoa/bench_settings.h"

namespace spoa::bench {

/// Runs it; prints the figures on standard output, complaints on standard error. Returns
/// the exit status: kExitUsage when a request's file is no request, kExitFailed when it
/// cannot connect or the run does not count.
int bench(const BenchSettings& settings);

}  // namespace spoa::bench
