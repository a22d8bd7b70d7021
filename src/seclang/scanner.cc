#include "scanner.h"

#include <algorithm>
#include <cctype>

namespace spoa::seclang {

namespace {

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

void advance(Place& place, std::string_view over) {
  for (const char c : over) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
}

}  // namespace

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

std::size_t continuation_length(std::string_view text, std::size_t at) {
  const std::string_view here = text.substr(std::min(at, text.size()));
  if (here.starts_with("\\\n")) return 2;
  if (here.starts_with("\\\r\n")) return 3;
  return 0;
}

Place place_in(const Argument& argument, std::size_t offset) {
  Place place = argument.place;
  advance(place, std::string_view(argument.text).substr(0, offset));
  return place;
}

bool Directive::is(std::string_view other) const {
  return equal_ignoring_case(name, other);
}

std::string_view Scanner::take(std::size_t length) {
  const std::string_view taken = text_.substr(at_, length);
  at_ += taken.size();
  advance(place_, taken);
  return taken;
}

std::string_view Scanner::take_word() {
  const auto here = rest();
  const auto end = std::find_if_not(here.begin(), here.end(), is_word_byte);
  return take(static_cast<std::size_t>(end - here.begin()));
}

std::string_view Scanner::take_line() { return take(rest().find('\n')); }

std::string_view Scanner::take_bare() { return take(rest().find_first_of(" \t\r\n\"")); }

bool Scanner::skip_blanks() {
  const std::size_t before = at_;
  while (!at_end()) {
    const std::size_t hidden = continuation_length(text_, at_);
    if (hidden == 0 && !is_blank(peek())) break;
    take(std::max<std::size_t>(hidden, 1));
  }
  return at_ != before;
}

void Scanner::skip_space() {
  while (skip_blanks() || peek() == '\n' || peek() == '\r') {
    if (peek() == '\n' || peek() == '\r') take(1);
  }
}

}  // namespace spoa::seclang
