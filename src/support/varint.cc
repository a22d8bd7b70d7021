#include "varint.h"

#include <cstddef>
#include <limits>

namespace spoa {

Result<std::uint64_t, WireError> read_varint(Bytes& in) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  if (in.empty()) return WireError::kTruncated;
  std::uint64_t value = in[0];
  std::size_t used = 1;
  if (value >= 0xf0) {
    std::uint64_t byte = 0;
    // Ends at the tenth byte at the latest: shifted by 60, one above 15 overflows.
    for (unsigned shift = 4; used == 1 || byte >= 0x80; shift += 7) {
      if (used == in.size()) return WireError::kTruncated;
      byte = in[used++];
      // The top bit of a byte that is not the last one is part of the value.
      if (byte > (kMax - value) >> shift) return WireError::kVarintOverflow;
      value += byte << shift;
    }
  }
  in = in.subspan(used);
  return value;
}

Result<Bytes, WireError> read_binary(Bytes& in) noexcept {
  Bytes rest = in;
  const auto length = read_varint(rest);
  if (!length) return length.error();
  // Compare with what is left: `begin + length > end` can wrap and pass.
  if (*length > rest.size()) return WireError::kTruncated;
  const Bytes bytes = rest.first(static_cast<std::size_t>(*length));
  in = rest.subspan(bytes.size());
  return bytes;
}

Result<std::string_view, WireError> read_string(Bytes& in) noexcept {
  const auto bytes = read_binary(in);
  if (!bytes) return bytes.error();
  return as_text(*bytes);
}

}  // namespace spoa
