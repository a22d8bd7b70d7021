#include "complete.h"

#include "ascii.h"

namespace spoa::inspect {
namespace {

/// The byte that the last `length` (1 or 3) bytes of `text` spell; -1: none.
int last_byte(std::string_view text, std::size_t& length) {
  if (text.empty()) return -1;
  if (text.size() >= 3 && text[text.size() - 3] == '%') {
    const int high = hex_value(text[text.size() - 2]);
    const int low = hex_value(text[text.size() - 1]);
    if (high >= 0 && low >= 0) {
      length = 3;
      return high * 16 + low;
    }
  }
  length = 1;
  return static_cast<unsigned char>(text.back());
}

}  // namespace

std::size_t unfinished_utf8(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte >> 6U == 2U) continue;              // the middle of a character
    if (byte < 0xc2U || byte > 0xf4U) return 0;  // begins no character
    const std::size_t needed = byte >= 0xf0U ? 4 : byte >= 0xe0U ? 3 : 2;
    return needed > back ? back : 0;
  }
  return 0;
}

Completion complete_form(std::string_view cut) {
  std::string_view kept = cut;
  if (kept.ends_with('%')) {
    kept.remove_suffix(1);
  } else if (kept.size() >= 2 && kept[kept.size() - 2] == '%' &&
             hex_value(kept.back()) >= 0) {
    kept.remove_suffix(2);
  }
  // A character of UTF-8 is four bytes at most, each raw or as %XX.
  std::string tail;
  std::string_view rest = kept;
  for (int i = 0; i < 3; ++i) {
    std::size_t length = 0;
    const int byte = last_byte(rest, length);
    if (byte < 0x80) break;
    tail.insert(tail.begin(), static_cast<char>(byte));
    rest.remove_suffix(length);
    if (byte >= 0xc0) return {unfinished_utf8(tail) > 0 ? rest.size() : kept.size(), {}};
  }
  return {kept.size(), {}};
}

}  // namespace spoa::inspect
