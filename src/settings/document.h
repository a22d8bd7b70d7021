// A YAML document as a small tree that remembers where everything stands. Only this unit
// uses yaml-cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/settings.h"

namespace spoa::settings {

/// Where something stands in the settings file; line 0: nowhere.
struct Place {
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1, in bytes
};

struct Node {
  enum class Kind : std::uint8_t {
    kNull,
    kText,
    kList,
    kMap,
    kBroken,  ///< not usable, and a Problem already says so
  };
  Kind kind = Kind::kNull;
  std::string text;  ///< kText: quotes and escapes resolved
  Place place;
  std::vector<Node> children;  ///< kList: items; kMap: key, value, key, value, ...
};

/// Reads one YAML document of at most 1 MiB and 16 levels; an empty one is kNull.
///
/// Refuses, with a place: what is no YAML, a second document, aliases, deeper nesting.
/// Duplicate keys are left to the caller. Adds to `problems`; never throws.
Node parse_document(std::string_view yaml, const std::string& file,
                    std::vector<Problem>& problems);

}  // namespace spoa::settings
