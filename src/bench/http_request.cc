#include "http_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "ascii.h"

namespace spoa::bench {
namespace {

constexpr std::string_view kVersion = "HTTP/";

/// Takes a line off the front, without its end. Nothing: there is no line end any more.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

void split_target(std::string_view target, HttpRequest& request) {
  const std::size_t scheme = target.find("://");
  if (!target.starts_with('/') && scheme != std::string_view::npos) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
}

bool read_request_line(std::string_view line, HttpRequest& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || last == first) return false;
  const std::string_view version = line.substr(last + 1);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!version.starts_with(kVersion) || version.size() == kVersion.size() ||
      target.find(' ') != std::string_view::npos) {
    return false;
  }
  request.method = line.substr(0, first);
  request.version = version.substr(kVersion.size());
  split_target(target, request);
  return true;
}

bool read_header(std::string_view line, HttpRequest& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::string name(line.substr(0, colon));
  if (name.find_first_of(" \t") != std::string::npos) return false;
  std::transform(name.begin(), name.end(), name.begin(), to_lower);
  request.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return true;
}

}  // namespace

Result<HttpRequest, std::string> parse_request(std::string_view raw) {
  HttpRequest request;
  const auto first = next_line(raw);
  if (!first || !read_request_line(*first, request)) {
    return std::string("line 1: no request line, such as GET / HTTP/1.1");
  }
  for (int number = 2;; ++number) {
    const auto line = next_line(raw);
    if (!line) return fmt::format("line {}: no empty line after the headers", number);
    if (line->empty()) break;
    if (!read_header(*line, request)) {
      return fmt::format("line {}: no header, such as Host: shop.example", number);
    }
  }
  request.body = raw;
  return request;
}

}  // namespace spoa::bench
