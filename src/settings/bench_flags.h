// The flags of the command `bench`, as rows like those of the settings: help and man page
// follow them.
#pragma once

#include <span>
#include <vector>

#include "settings_file.h"
#include "spoa/bench_settings.h"
#include "spoa/result.h"
#include "table.h"

namespace spoa::settings {

std::span<const Setting> bench_flags() noexcept;

/// The defaults, then the flags, whose values are already known to be good, then what
/// needs several of them. Errors: every mistake, without a file name.
Result<BenchSettings, std::vector<Problem>> read_bench(const FlagValues& flags);

}  // namespace spoa::settings
