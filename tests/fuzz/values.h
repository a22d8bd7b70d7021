// What is equal, and what lies where, among values of the wire.
#pragma once

#include <algorithm>
#include <type_traits>
#include <variant>

#include "fuzz.h"
#include "spoa/frame.h"

namespace fuzz {

/// Equal by what they say; two binaries by their bytes, wherever these are.
inline bool same(const spoa::Value& a, const spoa::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* bytes = std::get_if<spoa::Bytes>(&a)) {
    return std::ranges::equal(*bytes, std::get<spoa::Bytes>(b));
  }
  return std::visit(
      [&b](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, spoa::Bytes>) {
          return true;
        } else {
          return held == std::get<Held>(b);
        }
      },
      a);
}

/// The bytes a value views: none unless it is a string or a binary.
inline spoa::Bytes viewed(const spoa::Value& value) {
  if (const auto* bytes = std::get_if<spoa::Bytes>(&value)) return *bytes;
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return spoa::as_bytes(*text);
  }
  return {};
}

}  // namespace fuzz
