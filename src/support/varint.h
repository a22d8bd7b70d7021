// SPOP's variable-length integers and strings (SPOE.txt 3.1), which frames, payloads and
// header blocks share.
//
// All take what they read off the front of `in`; a failed read consumes nothing. What
// they return views the bytes behind `in`. Any thread; no allocation.
#pragma once

#include <cstdint>
#include <string_view>

#include "spoa/bytes.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa {

/// One integer, at most 10 bytes.
///
/// A value has exactly one encoding, so there is none to refuse for being longer than it
/// need be. Negative numbers come as their 64-bit two's complement.
///
/// Errors    kTruncated: `in` ends first. kVarintOverflow: 2^64 or above.
Result<std::uint64_t, WireError> read_varint(Bytes& in) noexcept;

/// A varint length, then as many bytes.
/// Errors    those of read_varint; kTruncated also for a length above what follows.
Result<Bytes, WireError> read_binary(Bytes& in) noexcept;

/// The same, as text. May hold NUL.
Result<std::string_view, WireError> read_string(Bytes& in) noexcept;

}  // namespace spoa
