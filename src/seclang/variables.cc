#include <algorithm>
#include <cctype>

#include "lexis.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto npos = std::string_view::npos;

bool ends_selector(char c) {
  return c == '"' || c == '|' || c == ',' || c == '\n' || c == ' ' || c == '\t' ||
         c == '\r' || c == '}';
}

// A plain name. A quote behind a backslash belongs to it.
std::size_t name_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const bool escaped = text[at] == '"' && at >= 2 && text[at - 1] == '\\';
    if (ends_selector(text[at]) && !escaped) break;
    ++at;
  }
  return at;
}

// From `open` to the last `close` before a byte of `stops`: the library's lexer is
// greedy. 0: not a regular expression to it.
std::size_t regex_length(std::string_view text, std::string_view open,
                         std::string_view close, std::string_view stops) {
  if (!text.starts_with(open)) return 0;
  const std::size_t limit = std::min(text.find_first_of(stops), text.size());
  const std::size_t end = text.substr(0, limit).rfind(close);
  return end == npos || end <= open.size() ? 0 : end + close.size();
}

// Written as /.../ or '/.../', whatever stands between.
bool looks_regex(std::string_view selector) {
  const bool plain =
      selector.size() > 2 && selector.front() == '/' && selector.back() == '/';
  return plain ||
         (selector.size() > 4 && selector.starts_with("'/") && selector.ends_with("/'"));
}

void read_selector(Scanner& in, Variable& variable, std::size_t base) {
  const std::string_view text = in.rest();
  const std::size_t name = name_length(text);
  const std::size_t slashes = regex_length(text, "/", "/", " =|\t\"\r\n");
  const std::size_t quoted = regex_length(text, "'/", "/'", " =\t\"\r\n");
  const std::size_t longest = std::max({name, slashes, quoted});
  variable.regex = longest > 0 && (longest == slashes || longest == quoted);
  if (!variable.regex) {
    variable.selector = std::string(text.substr(0, name));
    variable.looks_regex = looks_regex(variable.selector) && variable.name != "XML";
    variable.offset = base;
  } else {
    const std::size_t around = longest == slashes ? 1 : 2;
    variable.selector = std::string(text.substr(around, longest - 2 * around));
    variable.offset = base + around;
  }
  in.take(longest);
}

}  // namespace

std::vector<Variable> read_variables(std::string_view text) {
  std::vector<Variable> out;
  Scanner in(text);
  const auto offset = [&] { return text.size() - in.rest().size(); };
  while (!in.at_end() && !is_blank(in.peek()) && in.peek() != '\n' && in.peek() != '"') {
    Variable variable;
    for (; in.peek() == '!' || in.peek() == '&'; in.take(1)) {
      (in.peek() == '!' ? variable.excluded : variable.counted) = true;
    }
    variable.offset = offset();
    const std::string_view name = in.take_word();
    if (name.empty()) {  // a separator, or what the library will refuse
      in.take(1);
      continue;
    }
    for (const char c : name) {
      variable.name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (in.peek() == ':' || in.peek() == '.') {
      in.take(1);
      read_selector(in, variable, offset());
    }
    out.push_back(std::move(variable));
  }
  return out;
}

}  // namespace spoa::seclang
