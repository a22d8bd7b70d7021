#include "shape.h"

#include <algorithm>

namespace spoa::inspect {

RequestLimit Shape::exceeds(const RequestLimits& limits) const noexcept {
  if (arguments > limits.arguments) return RequestLimit::kArguments;
  return depth > limits.depth ? RequestLimit::kDepth : RequestLimit::kNone;
}

Shape shape_of_form(std::string_view text, char separator) noexcept {
  if (text.empty()) return {};
  const auto separators = std::count(text.begin(), text.end(), separator);
  return {static_cast<std::size_t>(separators) + 1, 0};
}

/// A document of n commas has at most n + 1 leaves: k elements of an array take k - 1 of
/// them, and the array is itself an element.
Shape shape_of_json(std::string_view text) noexcept {
  Shape shape{text.empty() ? 0U : 1U, 0};
  std::size_t open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == ',') {
      ++shape.arguments;
    } else if (c == '[' || c == '{') {
      shape.depth = std::max(shape.depth, ++open);
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
  }
  return shape;
}

Shape shape_of_multipart(std::string_view text, std::string_view boundary) noexcept {
  Shape shape;
  for (std::size_t at = 0; at < text.size();) {
    std::string_view line = text.substr(at);
    if (line.starts_with("--") && line.substr(2).starts_with(boundary)) ++shape.arguments;
    const std::size_t end = line.find('\n');
    if (end == std::string_view::npos) break;
    at += end + 1;
  }
  return shape;
}

}  // namespace spoa::inspect
