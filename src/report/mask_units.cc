#include "mask_units.h"

#include <algorithm>
#include <optional>

#include "mask.h"

namespace spoa::report {
namespace {

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return std::nullopt;
}

std::optional<unsigned> hex_pair(std::string_view text, std::size_t at) noexcept {
  if (text.size() < 2 || at > text.size() - 2) return std::nullopt;
  const auto high = hex_digit(text[at]);
  const auto low = hex_digit(text[at + 1]);
  if (!high || !low) return std::nullopt;
  return *high * 16 + *low;
}

/// `%41`, `%2541`, `%252541`: the character, and `at` moved behind it.
char percent_decoded(std::string_view text, std::size_t& at) noexcept {
  const auto first = hex_pair(text, at + 1);
  if (!first) return text[at++];
  unsigned value = *first;
  at += 3;
  while (value == '%') {
    const auto next = hex_pair(text, at);
    if (!next) break;
    value = *next;
    at += 2;
  }
  return static_cast<char>(value);
}

/// `\u0041`: the same.
char escape_decoded(std::string_view text, std::size_t& at) noexcept {
  if (at + 1 < text.size() && text[at + 1] == 'u') {
    const auto high = hex_pair(text, at + 2);
    const auto low = hex_pair(text, at + 4);
    if (high && low && *high == 0 && *low < 0x80) {
      at += 6;
      return static_cast<char>(*low);
    }
  }
  return text[at++];
}

}  // namespace

Units decode(std::string_view text) {
  Units units;
  units.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    Unit unit;
    unit.begin = at;
    switch (text[at]) {
      case '%':
        unit.c = percent_decoded(text, at);
        break;
      case '\\':
        unit.c = escape_decoded(text, at);
        break;
      default:
        unit.c = text[at++];
    }
    unit.literal = at - unit.begin == 1;
    units.push_back(unit);
  }
  return units;
}

void hide(Units& units, std::size_t begin, std::size_t end) noexcept {
  for (std::size_t i = begin; i < std::min(end, units.size()); ++i)
    units[i].hidden = true;
}

std::string render(std::string_view text, const Units& units) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::size_t end = i + 1 < units.size() ? units[i + 1].begin : text.size();
    if (!units[i].hidden) {
      out.append(text.substr(units[i].begin, end - units[i].begin));
    } else if (i == 0 || !units[i - 1].hidden) {
      out.append(kMask);
    }
  }
  return out;
}

}  // namespace spoa::report
