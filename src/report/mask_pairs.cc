// Secrets known by the name in front of them, and credentials known by their shape.
#include <algorithm>
#include <string>

#include "mask.h"
#include "mask_units.h"

namespace spoa::report {
namespace {

/// How far the end of a line, or the `@` behind a user name, is looked for.
constexpr std::size_t kLookahead = 256;

bool in_name(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '[' ||
         c == ']' || c == '$' || c == '@';
}

/// `+` stands for a blank in forms.
bool is_blank(const Unit& unit) noexcept {
  return is_space(unit.c) || (unit.c == '+' && unit.literal);
}

bool has(const Units& units, std::size_t at, std::string_view lower) noexcept {
  if (units.size() < lower.size() || at > units.size() - lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (to_lower(units[at + i].c) != lower[i]) return false;
  }
  return true;
}

std::size_t skip_blanks(const Units& units, std::size_t at) noexcept {
  while (at < units.size() && is_blank(units[at])) ++at;
  return at;
}

/// One name in a text: [begin, end).
struct Name {
  std::size_t begin;
  std::size_t end;
};

// Each of the following hides the value that begins at `at`, and returns where it ends.

/// A header's, or any other with `name: value`: to the end of the line.
std::size_t hide_line(Units& units, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < units.size() && !is_line_end(units[end].c)) ++end;
  hide(units, at, end);
  return end;
}

/// A form's: to the `&` in front of the next pair. An `&` with no `=` to follow belongs
/// to the value, which may stand here decoded.
std::size_t hide_form_value(Units& units, std::size_t at) noexcept {
  const auto is_mark = [&](std::size_t i, char c) {
    return units[i].c == c && units[i].literal;
  };
  std::size_t end = at;
  std::size_t ampersand = units.size();
  for (; end < units.size(); ++end) {
    if (is_mark(end, '&')) ampersand = end;
    if (is_mark(end, '=') && ampersand < units.size()) break;
  }
  end = end < units.size() ? ampersand : end;
  hide(units, at, end);
  return end;
}

/// An element's content: to the next tag.
std::size_t hide_element(Units& units, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < units.size() && units[end].c != '<') ++end;
  hide(units, at, end);
  return end;
}

/// Behind a string that begins at `at` with a quote, which `escapes` backslashes precede.
std::size_t string_end(const Units& units, std::size_t at, std::size_t escapes) noexcept {
  std::size_t backslashes = 0;
  for (std::size_t i = at + 1; i < units.size(); ++i) {
    if (units[i].c == units[at].c && backslashes <= escapes) return i + 1;
    backslashes = units[i].c == '\\' ? backslashes + 1 : 0;
  }
  return units.size();
}

/// Behind the bracket that closes the one at `at`.
std::size_t nested_end(const Units& units, std::size_t at) noexcept {
  std::size_t depth = 0;
  for (std::size_t i = at; i < units.size(); ++i) {
    const char c = units[i].c;
    if (c == '"') i = string_end(units, i, 0) - 1;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
  }
  return units.size();
}

/// JSON's: a string (its quotes stay), an object, an array, or a plain word.
std::size_t hide_json_value(Units& units, std::size_t at) noexcept {
  std::size_t quote = at;
  while (quote < units.size() && units[quote].c == '\\') ++quote;
  if (quote < units.size() && is_quote(units[quote].c)) {
    const std::size_t end = string_end(units, quote, quote - at);
    const bool closed = end > quote + 1 && units[end - 1].c == units[quote].c;
    std::size_t value_end = closed ? end - 1 : end;
    while (closed && value_end > quote + 1 && units[value_end - 1].c == '\\') --value_end;
    hide(units, quote + 1, value_end);
    return end;
  }
  std::size_t end = at;
  if (at < units.size() && (units[at].c == '{' || units[at].c == '[')) {
    end = nested_end(units, at);
  } else {
    const auto ends = [](char c) {
      return c == ',' || c == '}' || c == ']' || is_line_end(c);
    };
    while (end < units.size() && !ends(units[end].c)) ++end;
  }
  hide(units, at, end);
  return end;
}

/// multipart/form-data's: everything from the next line to the next boundary.
/// `at` when the name is not a part's.
std::size_t hide_part(Units& units, const Name& name, std::size_t at) noexcept {
  std::size_t before = name.begin;
  if (before > 0 && is_quote(units[before - 1].c)) --before;
  if (before < 5 || !has(units, before - 5, "name=")) return at;
  std::size_t line = at;
  while (line < units.size() && line < at + kLookahead && units[line].c != '\n') ++line;
  if (line == units.size() || units[line].c != '\n') return at;
  std::size_t end = line + 1;
  while (end < units.size() && !has(units, end, "\n--")) ++end;
  hide(units, line + 1, end);
  return end;
}

/// `REQUEST_COOKIES:name=value`, `REQUEST_COOKIES:name: value`: the cookie's name stays.
std::size_t hide_cookie(Units& units, std::size_t colon) noexcept {
  std::size_t at = colon + 1;
  const auto ends = [](char c) {
    return c == '=' || c == ':' || is_space(c) || is_line_end(c);
  };
  while (at < units.size() && !ends(units[at].c)) ++at;
  if (at == units.size() || (units[at].c != '=' && units[at].c != ':')) return at;
  return hide_line(units, skip_blanks(units, at + 1));
}

bool is_element(const Units& units, const Name& name, std::size_t at) noexcept {
  const char before = name.begin > 0 ? units[name.begin - 1].c : ' ';
  if (before == '/') return false;  // the closing tag
  return units[at].c == '>' || (before == '<' && is_space(units[at].c));
}

/// Hides what belongs to a secret name. Returns where to look for the next one.
std::size_t hide_value_of(Units& units, const Name& name) noexcept {
  std::size_t at = name.end;
  if (const std::size_t end = hide_part(units, name, at); end != at) return end;
  bool quoted = false;
  for (; at < units.size() && (is_quote(units[at].c) || units[at].c == '\\'); ++at) {
    quoted = quoted || is_quote(units[at].c);
  }
  if (at == units.size()) return at;
  if (is_element(units, name, at)) return hide_element(units, at + 1);
  at = skip_blanks(units, at);
  if (at == units.size()) return at;
  if (units[at].c == '=') return hide_form_value(units, skip_blanks(units, at + 1));
  if (units[at].c != ':') return at;
  if (at == name.end && name.end >= 7 && has(units, name.end - 7, "cookies")) {
    return hide_cookie(units, at);
  }
  const std::size_t value = skip_blanks(units, at + 1);
  return quoted ? hide_json_value(units, value) : hide_line(units, value);
}

bool in_token(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
         c == '+' || c == '/' || c == '=';
}

std::size_t token_end(const Units& units, std::size_t at) noexcept {
  while (at < units.size() && in_token(units[at].c)) ++at;
  return at;
}

/// `Bearer TOKEN`, `Basic TOKEN`; `eyJ...`, as every JSON web token begins.
std::size_t hide_token(Units& units, std::size_t at) noexcept {
  constexpr std::size_t kShortestToken = 8;
  std::size_t begin = at;
  for (const std::string_view scheme : {"bearer", "basic"}) {
    if (has(units, at, scheme)) begin = skip_blanks(units, at + scheme.size());
  }
  const bool named = begin > at && is_blank(units[begin - 1]);
  const bool web_token = units[at].c == 'e' && has(units, at, "eyj");
  if (!named && !web_token) return at;
  const std::size_t end = token_end(units, begin);
  if (end - begin < kShortestToken) return at;
  hide(units, begin, end);
  return end;
}

/// `//user:password@host`. `at` is the first slash.
std::size_t hide_user(Units& units, std::size_t at) noexcept {
  constexpr std::string_view kEnds = "/?#\"'<> \t\r\n";
  std::size_t end = at + 2;
  while (end < units.size() && end < at + kLookahead && units[end].c != '@' &&
         kEnds.find(units[end].c) == std::string_view::npos) {
    ++end;
  }
  if (end < units.size() && units[end].c == '@') hide(units, at + 2, end);
  return end;
}

}  // namespace

void hide_pairs(Units& units) {
  std::string text;
  for (std::size_t i = 0; i < units.size();) {
    if (!in_name(units[i].c)) {
      ++i;
      continue;
    }
    Name name{i, i};
    text.clear();
    for (; name.end < units.size() && in_name(units[name.end].c); ++name.end) {
      text.push_back(units[name.end].c);
    }
    i = is_secret_name(text) ? hide_value_of(units, name) : name.end;
  }
}

void hide_credentials(Units& units) noexcept {
  for (std::size_t i = 0; i < units.size();) {
    const bool starts_word = i == 0 || !is_letter(units[i - 1].c);
    std::size_t next = starts_word ? hide_token(units, i) : i;
    if (next == i && has(units, i, "://")) next = hide_user(units, i + 1);
    i = std::max(next, i + 1);
  }
}

}  // namespace spoa::report
