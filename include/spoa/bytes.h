// Views of raw bytes, as they come from and go to the wire.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace spoa {

/// A view of bytes somebody else owns. It lives no longer than the buffer behind it.
using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace spoa
