#include "cut.h"

#include <fmt/format.h>

namespace spoa::report {
namespace {

/// 19 digits and their separators, each percent-encoded twice.
constexpr std::size_t kLongestCard = 192;

bool may_be_in_card(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
         c == '%' || c == '+' || c == '-' || c == ' ';
}

}  // namespace

std::string_view beginning(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && limit - end < kLongestCard && may_be_in_card(text[end - 1])) --end;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
  };
  for (int step = 0; step < 3 && end > 0 && continues(end); ++step) --end;
  return text.substr(0, end);
}

std::string cut_mark(std::size_t whole_bytes) {
  return fmt::format("...[cut, {} bytes]", whole_bytes);
}

std::string cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  return std::string(beginning(text, limit)) + cut_mark(text.size());
}

}  // namespace spoa::report
