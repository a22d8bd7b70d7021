#include "headers.h"

#include "varint.h"

namespace spoa::extract {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

bool read_binary_headers(Bytes block, std::vector<Header>& out) {
  for (;;) {
    const auto name = read_string(block);
    if (!name) return false;
    const auto value = read_string(block);
    if (!value) return false;
    if (name->empty()) return value->empty() && block.empty();
    out.push_back({*name, *value});
  }
}

bool read_text_headers(std::string_view block, std::vector<Header>& out) {
  constexpr std::string_view kLineEnd = "\r\n";
  for (;;) {
    const std::size_t end = block.find(kLineEnd);
    if (end == std::string_view::npos) return false;
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end + kLineEnd.size());
    if (line.empty()) return block.empty();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    out.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1))});
  }
}

}  // namespace spoa::extract
