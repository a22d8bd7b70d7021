// Shows an operator's mistake with the line it is in.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "spoa/settings.h"

namespace spoa {
namespace {

/// More than this of one line does not fit a terminal: only the part around the column is
/// shown.
constexpr std::size_t kShownBytes = 120;
constexpr std::size_t kShownBefore = 60;
/// Beyond it the line is not looked for: the message stands without it.
constexpr int kLastLine = 1'000'000;

bool is_continuation(char byte) noexcept { return (byte & '\xC0') == '\x80'; }

bool is_control(char byte) noexcept {
  return (byte >= 0 && byte < ' ') || byte == '\x7f';
}

std::optional<std::string> read_line(const std::string& file, int number) {
  std::error_code error;
  // Opening a pipe or a terminal would wait for a writer.
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  if (number < 1 || number > kLastLine) return std::nullopt;
  std::ifstream input(file);
  std::string line;
  for (int at = 0; at < number; ++at) {
    if (!std::getline(input, line)) return std::nullopt;
  }
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

/// How far the value that begins at `column` reaches, at least one byte.
std::size_t marked_bytes(std::string_view line, std::size_t begin) {
  if (begin >= line.size()) return 1;
  const char quote = line[begin];
  if (quote == '"' || quote == '\'') {
    const std::size_t end = line.find(quote, begin + 1);
    if (end != std::string_view::npos) return end + 1 - begin;
  }
  std::size_t end = std::min(line.find_first_of(" ,]}", begin), line.size());
  if (end > begin + 1 && line[end - 1] == ':') --end;
  return std::max<std::size_t>(end - begin, 1);
}

std::size_t columns_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(
                           std::count_if(text.begin(), text.end(), is_continuation));
}

std::string source_line(const Problem& problem) {
  const auto line = read_line(problem.file, problem.line);
  if (!line) return {};
  const auto column = static_cast<std::size_t>(std::max(problem.column, 1)) - 1;
  std::size_t from = 0;
  if (column > kShownBytes - 20 && column < line->size()) from = column - kShownBefore;
  while (from > 0 && is_continuation((*line)[from])) --from;
  std::size_t bytes = std::min(kShownBytes, line->size() - from);
  while (from + bytes < line->size() && is_continuation((*line)[from + bytes])) --bytes;
  const std::string_view shown = std::string_view(*line).substr(from, bytes);
  std::string text = fmt::format("{:>6} | {}\n", problem.line, shown);
  if (problem.column < 1 || column < from || column - from > shown.size()) return text;
  const std::string_view before = shown.substr(0, column - from);
  const std::string_view marked =
      shown.substr(before.size(), marked_bytes(shown, before.size()));
  const std::size_t carets = std::max<std::size_t>(columns_of(marked), 1);
  return text +
         fmt::format("       | {:{}}{:^>{}}\n", "", columns_of(before), "", carets);
}

}  // namespace

std::string to_text(const Problem& problem) {
  std::string text = "spoa-modsecurity";
  if (!problem.file.empty()) {
    // Every error has a line and a column, for the tools that jump to them.
    text = fmt::format("{}:{}:{}", problem.file, std::max(problem.line, 1),
                       std::max(problem.column, 1));
  }
  text += ": " + problem.text + '\n';
  text += source_line(problem);
  if (!problem.remedy.empty()) text += "  " + problem.remedy + '\n';
  return text;
}

std::string to_text(const std::vector<Problem>& problems, std::string_view outcome) {
  std::string text;
  for (const Problem& problem : problems) text += to_text(problem);
  return text + fmt::format("{} error{}; {}\n", problems.size(),
                            problems.size() == 1 ? "" : "s", outcome);
}

}  // namespace spoa
