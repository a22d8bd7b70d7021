// What HELLO and DISCONNECT have in common: ids of 0, one frame, a KV-LIST
// (SPOE.txt 3.2).
#pragma once

#include <cstdint>
#include <optional>

#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"
#include "value.h"

namespace spoa {

/// Hands every pair of the payload to `take`, in order. On an error some may have been.
/// Errors    kBadIds, kNotFinal, and those of read_pair.
template <typename Take>
Result<void, WireError> read_kv_list(const Frame& frame, Take take) noexcept {
  if (frame.id != FrameId{}) return WireError::kBadIds;
  if (!frame.fin()) return WireError::kNotFinal;
  for (Bytes rest = frame.payload; !rest.empty();) {
    const auto pair = read_pair(rest);
    if (!pair) return pair.error();
    take(*pair);
  }
  return {};
}

/// An integer of any of the four types; a negative one as its two's complement, which is
/// out of every range we accept.
inline std::optional<std::uint64_t> integer_of(const Value& value) noexcept {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return static_cast<std::uint64_t>(*number);
  }
  return std::nullopt;
}

}  // namespace spoa
