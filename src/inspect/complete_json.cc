#include <array>

#include "complete.h"

namespace spoa::inspect {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kEscapedUnit = 6;  // \uXXXX

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Bytes of the character that `first` begins, in yajl's reading; 0: none begins so.
std::size_t utf8_length(unsigned char first) {
  if (first < 0x80U) return 1;
  if (first >> 5U == 0x06U) return 2;
  if (first >> 4U == 0x0eU) return 3;
  return first >> 3U == 0x1eU ? 4 : 0;
}

class Json {
 public:
  Json(std::string_view text, std::size_t max_depth)
      : text_(text), max_depth_(max_depth) {}

  std::optional<Completion> complete() {
    for (;;) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      if (at_ == text_.size()) return end_before(at_);
      const Step step = take(text_[at_]);
      if (step == Step::kMalformed) return std::nullopt;
      if (step == Step::kCut) return std::move(done_);
    }
  }

 private:
  enum class Step { kTaken, kCut, kMalformed };
  enum class Expect {
    kValue,           ///< the document's, a member's, or an element after a comma
    kElementOrClose,  ///< after `[`
    kKeyOrClose,      ///< after `{`
    kKey,             ///< after a comma in an object
    kColon,
    kCommaOrClose,
    kNothing,
  };

  Step take(char c) {
    switch (expect_) {
      case Expect::kElementOrClose:
        if (c == ']') return close(c);
        return take_value(c);
      case Expect::kValue:
        return take_value(c);
      case Expect::kKeyOrClose:
        if (c == '}') return close(c);
        [[fallthrough]];
      case Expect::kKey:
        return c == '"' ? take_string(true) : Step::kMalformed;
      case Expect::kColon:
        if (c != ':') return Step::kMalformed;
        return advance(Expect::kValue);
      case Expect::kCommaOrClose:
        if (c != ',') return close(c);
        comma_ = at_;
        return advance(open_.back() == '{' ? Expect::kKey : Expect::kValue);
      case Expect::kNothing:
        break;
    }
    return Step::kMalformed;
  }

  Step advance(Expect next) {
    ++at_;
    expect_ = next;
    return Step::kTaken;
  }

  Step take_value(char c) {
    if (c == '"') return take_string(false);
    if (c == '[' || c == '{') {
      if (open_.size() >= max_depth_) return Step::kMalformed;
      open_.push_back(c);
      return advance(c == '[' ? Expect::kElementOrClose : Expect::kKeyOrClose);
    }
    if (c == '-' || is_digit(c)) return take_number();
    return take_literal(c);
  }

  void value_taken() {
    expect_ = open_.empty() ? Expect::kNothing : Expect::kCommaOrClose;
  }

  Step close(char c) {
    if (open_.empty() || c != (open_.back() == '[' ? ']' : '}')) return Step::kMalformed;
    open_.pop_back();
    ++at_;
    value_taken();
    return Step::kTaken;
  }

  Step take_literal(char c) {
    constexpr std::array<std::string_view, 3> kLiterals{"true", "false", "null"};
    for (const std::string_view literal : kLiterals) {
      if (literal.front() != c) continue;
      const std::string_view there = text_.substr(at_, literal.size());
      if (!literal.starts_with(there)) return Step::kMalformed;
      at_ += there.size();
      value_taken();
      if (there.size() == literal.size()) return Step::kTaken;
      return cut_at(at_, std::string(literal.substr(there.size())));
    }
    return Step::kMalformed;
  }

  /// One digit at least. False: there is none, and not because of the cut.
  bool skip_digits(bool& cut) {
    if (at_ == text_.size()) {
      cut = true;
      return true;
    }
    if (!is_digit(text_[at_])) return false;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return true;
  }

  /// Of `-1.5e` the part `-1.5` is kept; of `-` nothing.
  Step take_number() {
    const std::size_t begin = at_;
    bool cut = false;
    if (text_[at_] == '-') ++at_;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (!skip_digits(cut)) {
      return Step::kMalformed;
    }
    if (cut) return end_before_token(begin);
    for (const bool exponent : {false, true}) {
      const std::size_t whole = at_;
      if (at_ == text_.size()) break;
      if (exponent ? (text_[at_] | 0x20) != 'e' : text_[at_] != '.') continue;
      ++at_;
      if (exponent && at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) {
        ++at_;
      }
      if (!skip_digits(cut)) return Step::kMalformed;
      if (!cut) continue;
      value_taken();
      return cut_at(whole, {});
    }
    value_taken();
    return Step::kTaken;
  }

  Step take_string(bool key) {
    const std::string ending = key ? "\":null" : "\"";
    ++at_;
    std::size_t high = kNone;  // an escaped high surrogate that ends where we are
    while (at_ < text_.size() && text_[at_] != '"') {
      const std::size_t begin = at_;
      const Step step = text_[at_] == '\\' ? take_escape() : take_character();
      if (step == Step::kMalformed) return step;
      const bool follows_high = high != kNone && high + kEscapedUnit == begin;
      if (step == Step::kCut) {
        return cut_string(follows_high ? high : begin, key, ending);
      }
      high = is_high_surrogate(begin) ? begin : kNone;
    }
    if (at_ == text_.size()) return cut_string(high == kNone ? at_ : high, key, ending);
    ++at_;
    if (key) {
      expect_ = Expect::kColon;
    } else {
      value_taken();
    }
    return Step::kTaken;
  }

  Step cut_string(std::size_t kept, bool key, const std::string& ending) {
    if (!key) value_taken();
    return cut_at(kept, ending);
  }

  [[nodiscard]] bool is_high_surrogate(std::size_t begin) const {
    if (at_ - begin != kEscapedUnit || text_[begin] != '\\') return false;
    const char high = text_[begin + 2];
    return (high == 'd' || high == 'D') &&
           std::string_view("89abAB").find(text_[begin + 3]) != kNone;
  }

  Step take_escape() {
    if (at_ + 1 == text_.size()) return Step::kCut;
    const char c = text_[at_ + 1];
    if (c != 'u') {
      at_ += 2;
      return std::string_view("\"\\/bfnrt").find(c) == kNone ? Step::kMalformed
                                                             : Step::kTaken;
    }
    for (std::size_t i = 2; i < kEscapedUnit; ++i) {
      if (at_ + i == text_.size()) return Step::kCut;
      if (!is_hex(text_[at_ + i])) return Step::kMalformed;
    }
    at_ += kEscapedUnit;
    return Step::kTaken;
  }

  Step take_character() {
    const auto first = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = utf8_length(first);
    if (length == 0 || first < 0x20U) return Step::kMalformed;
    for (std::size_t i = 1; i < length; ++i) {
      if (at_ + i == text_.size()) return Step::kCut;
      if (static_cast<unsigned char>(text_[at_ + i]) >> 6U != 2U) return Step::kMalformed;
    }
    at_ += length;
    return Step::kTaken;
  }

  /// The token that begins there says nothing: as if it had not come.
  Step end_before_token(std::size_t begin) {
    done_ = end_before(begin);
    return Step::kCut;
  }

  /// Nothing but blanks came since the last token, which ends before `end`.
  Completion end_before(std::size_t end) {
    std::string ending;
    switch (expect_) {
      case Expect::kKey:
        end = comma_;
        break;
      case Expect::kColon:
        ending = ":null";
        break;
      case Expect::kValue:
        if (!open_.empty() && open_.back() == '[') {
          end = comma_;
        } else {
          ending = "null";
        }
        break;
      case Expect::kElementOrClose:
      case Expect::kKeyOrClose:
      case Expect::kCommaOrClose:
      case Expect::kNothing:
        break;
    }
    static_cast<void>(cut_at(end, std::move(ending)));
    return std::move(done_);
  }

  Step cut_at(std::size_t kept, std::string ending) {
    for (std::size_t i = open_.size(); i-- > 0;) {
      ending.push_back(open_[i] == '[' ? ']' : '}');
    }
    done_ = {kept, std::move(ending)};
    return Step::kCut;
  }

  const std::string_view text_;
  const std::size_t max_depth_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::kValue;
  std::string open_;           // '[' and '{', the innermost last
  std::size_t comma_ = kNone;  // the last one taken
  Completion done_;
};

}  // namespace

std::optional<Completion> complete_json(std::string_view cut, std::size_t max_depth) {
  return Json(cut, max_depth).complete();
}

}  // namespace spoa::inspect
