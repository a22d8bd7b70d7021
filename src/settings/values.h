// The notations of the settings: numbers, durations, sizes, addresses. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/bench_settings.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::settings {

/// What is wrong with one value. Reads on from the setting's name: "is too small: 128".
struct Complaint {
  std::string text;
  std::string remedy;  ///< may be empty: the caller then says what is allowed
  bool operator==(const Complaint&) const = default;
};

/// Decimal digits only: no sign, no separator, no exponent.
Result<std::uint64_t, Complaint> parse_count(std::string_view text);

/// A whole number and a unit, `ms s m h`: `15ms`, `2s`. A bare number is refused, but
/// for 0.
Result<std::chrono::milliseconds, Complaint> parse_duration(std::string_view text);

/// Bytes: a whole number and a unit, `B KiB MiB GiB`; a bare number counts bytes.
Result<std::uint64_t, Complaint> parse_size(std::string_view text);

/// Permissions of a file: `0660`. Without the leading 0 it is refused: other programs
/// read that as a decimal number.
Result<unsigned, Complaint> parse_mode(std::string_view text);

/// Requests per second: `500`, whose length stays 0, or stretches of at least 1ms one
/// after another, `500:10s,3000:20s,0:5s`. Not all of them may be 0.
Result<std::vector<RatePhase>, Complaint> parse_rates(std::string_view text);

/// Kinds of requests: `get,form`, equally many of each, or with weights,
/// `get:9,attack:1`. Each once.
Result<MixWeights, Complaint> parse_mix(std::string_view text);

/// HOST:PORT, [V6]:PORT, unix:/PATH or `systemd`. Does not resolve names.
Result<Address, Complaint> parse_address(std::string_view text);

/// In the largest unit that leaves no rest: 60000 ms is `1m`.
std::string duration_text(std::uint64_t milliseconds);
std::string size_text(std::uint64_t bytes);

/// Fit for a message on one line: control characters become `?`, long text is cut.
std::string shown(std::string_view text);

}  // namespace spoa::settings
