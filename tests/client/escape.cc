#include "escape.h"

#include <cctype>

namespace spop {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::optional<unsigned> digit(char c) {
  const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t value = kDigits.find(lower);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(value);
}

std::optional<char> hex_byte(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto high = digit(text[0]);
  const auto low = digit(text[1]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

}  // namespace

std::optional<std::string> unescape(std::string_view text) {
  static constexpr std::string_view kLetters = "nrt0\\";
  static constexpr std::string_view kMeanings{"\n\r\t\0\\", 5};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (text.substr(i + 1, 1) == "x") {
      const auto byte = hex_byte(text.substr(i + 2));
      if (!byte) return std::nullopt;
      bytes += *byte;
      i += 3;
    } else {
      const std::string_view letter = text.substr(i + 1, 1);
      const std::size_t which = kLetters.find(letter);
      if (letter.empty() || which == std::string_view::npos) return std::nullopt;
      bytes += kMeanings[which];
      i += 1;
    }
  }
  return bytes;
}

std::string escape(std::string_view bytes) {
  std::string word;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '\\') {
      word += c;
    } else {
      word.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return word;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (std::isspace(static_cast<unsigned char>(text.front())) != 0) {
      text.remove_prefix(1);
      continue;
    }
    const auto byte = hex_byte(text);
    if (!byte) return std::nullopt;
    bytes += *byte;
    text.remove_prefix(2);
  }
  return bytes;
}

}  // namespace spop
