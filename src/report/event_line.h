// An event as one line of JSON.
#pragma once

#include <cstddef>
#include <string>

#include "event.h"

namespace spoa::report {

inline constexpr std::size_t kMaxLineBytes = 64UL * 1024;  ///< the line break included
inline constexpr std::size_t kMaxRules = 100;

/// One JSON object and a line break, printable ASCII throughout, at most kMaxLineBytes.
///
/// Bytes that are not UTF-8 become U+FFFD. Secrets are masked (mask.h). Long values are
/// cut and say so; of more than kMaxRules rules, `rules_omitted` counts the rest; rules
/// that would make the line too long keep their id, severity, phase and line only.
/// docs/events.md describes the keys. Any thread; throws only for want of memory.
std::string to_json_line(const Event& event);

}  // namespace spoa::report
