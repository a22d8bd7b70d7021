// A measurement as text: tables for people, JSON for machines. Pure functions.
#pragma once

#include <string>

#include "spoa/bench_settings.h"
#include "tally.h"

namespace spoa::bench {

/// Fits a terminal; ends with a line break.
std::string to_tables(const BenchSettings& settings, const Measurement& measured);

/// One object on one line; ends with a line break. Times are milliseconds, if the name
/// does not say otherwise.
std::string to_json(const BenchSettings& settings, const Measurement& measured);

/// What was asked, in a line: "open loop, 500/s for 10s, ...".
std::string load_text(const BenchSettings& settings);

/// Where latency is counted from.
std::string_view latency_text(const BenchSettings& settings) noexcept;

}  // namespace spoa::bench
