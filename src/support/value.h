// Typed data (SPOE.txt 3.1), the brick of every payload.
//
// Both take what they read off the front of `in`; a failed read consumes nothing.
// What they return views the bytes behind `in`. Any thread; no allocation.
#pragma once

#include <string_view>

#include "spoa/bytes.h"
#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa {

/// One byte of type and flags, then the data.
///
/// INT32 and INT64 become int64_t, UINT32 and UINT64 uint64_t, without a check of their
/// range: HAProxy reads them so, too. Flags other than the one of BOOL are ignored.
///
/// Errors    kTruncated, kVarintOverflow; kBadDataType for 10 to 15, whose length nobody
///           can know.
Result<Value, WireError> read_value(Bytes& in) noexcept;

/// One item of a KV-LIST, or one argument of a message (SPOE.txt 3.2).
struct Pair {
  std::string_view name;  ///< empty for an unnamed argument
  Value value;
};
/// Errors    those of read_string and read_value.
Result<Pair, WireError> read_pair(Bytes& in) noexcept;

}  // namespace spoa
