// What makes a request expensive, counted before anything takes it apart.
//
// Pure functions, linear time, no allocation. Never less than the library makes of it;
// what is not well-formed may count more.
#pragma once

#include <cstddef>
#include <string_view>

#include "spoa/findings.h"
#include "spoa/settings.h"

namespace spoa::inspect {

struct Shape {
  std::size_t arguments = 0;
  std::size_t depth = 0;  ///< of arrays and objects

  /// The first limit that is exceeded.
  [[nodiscard]] RequestLimit exceeds(const RequestLimits& limits) const noexcept;
};

/// A query, or a form, urlencoded. `separator` as of SecArgumentSeparator.
Shape shape_of_form(std::string_view text, char separator = '&') noexcept;
/// Leaves are arguments.
Shape shape_of_json(std::string_view text) noexcept;
/// Parts are arguments.
Shape shape_of_multipart(std::string_view text, std::string_view boundary) noexcept;

}  // namespace spoa::inspect
