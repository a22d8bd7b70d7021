// Numbers of payment cards: 13 to 19 digits, in groups or not, with a valid check digit.
#include <algorithm>
#include <array>

#include "mask_units.h"

namespace spoa::report {
namespace {

constexpr std::size_t kShortest = 13;
constexpr std::size_t kLongest = 19;

/// ISO/IEC 7812-1: double every second digit from the right; the sum is a multiple of
/// ten. `even` and `odd` are the sums with the digits of even and of odd position
/// doubled.
struct LuhnSums {
  unsigned even = 0;
  unsigned odd = 0;
  std::size_t digits = 0;

  void add(unsigned digit) noexcept {
    const unsigned doubled = digit < 5 ? digit * 2 : digit * 2 - 9;
    even += digits % 2 == 0 ? doubled : digit;
    odd += digits % 2 == 0 ? digit : doubled;
    ++digits;
  }
  [[nodiscard]] bool valid() const noexcept {
    return (digits % 2 == 0 ? even : odd) % 10 == 0;
  }
};

bool is_separator(char c) noexcept {
  return c == ' ' || c == '-' || c == '+' || c == '.';
}

/// The first digit of the next group when at most two separators lie before it, else
/// npos.
std::size_t next_group(const Units& units, std::size_t at) noexcept {
  for (std::size_t i = at; i < units.size() && i <= at + 2; ++i) {
    if (is_digit(units[i].c)) return i;
    if (!is_separator(units[i].c)) break;
  }
  return std::string::npos;
}

/// Where the longest card number ends that begins with the group at `begin` and ends with
/// a group, or `begin` when there is none.
std::size_t card_end(const Units& units, std::size_t begin) noexcept {
  LuhnSums sums;
  std::size_t end = begin;
  for (std::size_t i = begin; i != std::string::npos;) {
    for (; i < units.size() && is_digit(units[i].c); ++i) {
      if (sums.digits == kLongest) return end;
      sums.add(static_cast<unsigned>(units[i].c - '0'));
    }
    if (sums.digits >= kShortest && sums.valid()) end = i;
    i = next_group(units, i);
  }
  return end;
}

}  // namespace

void hide_cards(Units& units) noexcept {
  for (std::size_t i = 0; i < units.size();) {
    if (!is_digit(units[i].c)) {
      ++i;
      continue;
    }
    const std::size_t end = card_end(units, i);
    hide(units, i, end);
    i = std::max(i, end);
    while (i < units.size() && is_digit(units[i].c)) ++i;
  }
}

}  // namespace spoa::report
