// A text as masking sees it: decoded, each character knowing which bytes it came from, so
// that `p%61ssword` and `pass\u0077ord` are read as the server will read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoa::report {

struct Unit {
  char c = 0;             ///< decoded
  bool hidden = false;    ///< not to be written
  bool literal = true;    ///< written as it is, not encoded
  std::size_t begin = 0;  ///< its first byte in the text
};
using Units = std::vector<Unit>;

/// Undoes percent-encoding (repeated, too) and `\uXXXX` below 0x80. Anything malformed
/// stands for itself.
Units decode(std::string_view text);

/// Marks [begin, end) as hidden.
void hide(Units& units, std::size_t begin, std::size_t end) noexcept;

/// The text's own bytes, with kMask for each run of hidden units.
std::string render(std::string_view text, const Units& units);

// The finders: each marks what it knows. They do not depend on each other.
void hide_cards(Units& units) noexcept;
void hide_pairs(Units& units);
void hide_credentials(Units& units) noexcept;

// ASCII only, whatever the locale.
inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline bool is_letter(char c) noexcept {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
inline bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }
inline bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }
inline bool is_quote(char c) noexcept { return c == '"' || c == '\''; }

}  // namespace spoa::report
