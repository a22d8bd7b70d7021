// A cursor over the text of one rule file that knows its line and column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reader.h"

namespace spoa::seclang {

bool is_blank(char c);      ///< space or tab
bool is_word_byte(char c);  ///< letter, digit or underscore
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

/// The length of a line break that a backslash hides at `text[at]`, with that backslash:
/// 2, or 3 before CR LF. 0: there is none.
std::size_t continuation_length(std::string_view text, std::size_t at);

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  /// The next byte, or NUL at the end.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] Place place() const { return place_; }

  /// Passes over `length` bytes, at most to the end, and gives them.
  std::string_view take(std::size_t length);
  std::string_view take_word();
  /// Up to, not over, the next line break.
  std::string_view take_line();
  /// Up to the next blank, line break or double quote.
  std::string_view take_bare();

  /// Blanks and hidden line breaks. False: there were none.
  bool skip_blanks();
  /// The same and open line breaks.
  void skip_space();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace spoa::seclang
