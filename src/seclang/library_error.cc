#include "library_error.h"

#include <charconv>
#include <optional>

namespace spoa::seclang {

namespace {

constexpr auto npos = std::string_view::npos;

// Takes `label`, then a number, from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::string_view label) {
  if (!text.starts_with(label)) return {};
  int number = 0;
  const char* begin = text.data() + label.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
  return out;
}

}  // namespace

Problem from_library_error(std::string_view text, std::string fallback_file) {
  Problem problem{std::move(fallback_file), 0, 0, "", "see docs/rules.md"};
  constexpr std::string_view kFile = "File: ";
  constexpr std::string_view kLine = ". Line: ";
  const std::size_t file = text.find(kFile);
  const std::size_t line = file == npos ? npos : text.find(kLine, file);
  if (line != npos) {
    const std::string_view name =
        text.substr(file + kFile.size(), line - file - kFile.size());
    std::string_view rest = text.substr(line);
    const auto number = take_number(rest, kLine);
    const auto column = take_number(rest, ". Column: ");
    if (number && column) {
      text = rest;
      if (text.starts_with('.')) text.remove_prefix(1);
      if (!name.empty()) {
        problem.file = std::string(name);
        problem.line = *number;
        problem.column = *column;
      }
    }
  }
  problem.text = tidy(text);
  if (problem.text.empty())
    problem.text = "the library refuses the file without saying why";
  problem.text = "libmodsecurity: " + problem.text;
  return problem;
}

}  // namespace spoa::seclang
