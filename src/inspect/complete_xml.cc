#include <algorithm>
#include <vector>

#include "complete.h"

namespace spoa::inspect {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMaxDepth = 256;      // libxml2's own limit
constexpr std::size_t kMaxReference = 256;  // a longer name of an entity is not one
constexpr std::string_view kBom = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80U;
}

bool in_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

class Xml {
 public:
  explicit Xml(std::string_view text) : text_(text) {}

  std::optional<Completion> complete() {
    if (text_.starts_with(kBom)) at_ = kBom.size();
    document_ = at_;
    for (;;) {
      if (!take_text()) return std::nullopt;
      if (at_ == text_.size()) return end(text_end(), {});
      const Step step = take_markup();
      if (step == Step::kMalformed) return std::nullopt;
      if (step == Step::kCut) return std::move(done_);
    }
  }

 private:
  enum class Step { kTaken, kCut, kMalformed };

  [[nodiscard]] bool next_is(std::string_view what) const {
    return text_.substr(at_, what.size()) == what;
  }

  /// What is left is the beginning of `what`, but not all of it.
  [[nodiscard]] bool cut_within(std::string_view what) const {
    const std::string_view rest = text_.substr(at_);
    return rest.size() < what.size() && what.starts_with(rest);
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  std::string_view take_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// Up to the next `<`. Outside of the root element there are only blanks.
  bool take_text() {
    if (open_.empty()) {
      skip_blanks();
      return at_ == text_.size() || text_[at_] == '<';
    }
    at_ = std::min(text_.find('<', at_), text_.size());
    return true;
  }

  /// Without the entity reference that the cut left unfinished.
  [[nodiscard]] std::size_t text_end() const {
    for (std::size_t i = text_.size(); i-- > 0 && text_.size() - i <= kMaxReference;) {
      if (text_[i] == '&') return i;
      if (!in_name(text_[i]) && text_[i] != '#') break;
    }
    return text_.size();
  }

  Step take_markup() {
    if (next_is("<!--")) return take_comment();
    if (next_is("<![CDATA[")) return take_cdata();
    if (next_is("<!DOCTYPE")) return take_doctype();
    if (next_is("<?")) return take_instruction();
    if (next_is("</")) return take_end_tag();
    if (cut_within("<!--") || cut_within("<![CDATA[") || cut_within("<!DOCTYPE")) {
      return cut(at_, {});
    }
    return take_start_tag();
  }

  /// Passes over what ends with `terminator`, and begins behind `prefix`.
  bool pass(std::size_t prefix, std::string_view terminator) {
    const std::size_t end = text_.find(terminator, at_ + prefix);
    if (end == kNone) return false;
    at_ = end + terminator.size();
    return true;
  }

  Step take_comment() {
    constexpr std::size_t kPrefix = 4;
    if (pass(kPrefix, "-->")) return Step::kTaken;
    const std::string_view said = text_.substr(at_ + kPrefix);
    const std::size_t dashes = said.ends_with("--") ? 2 : said.ends_with('-') ? 1 : 0;
    return cut(text_.size(), std::string("-->").substr(dashes));
  }

  Step take_cdata() {
    if (open_.empty()) return Step::kMalformed;
    if (pass(sizeof "<![CDATA[" - 1, "]]>")) return Step::kTaken;
    return cut(text_.size(), "]]>");
  }

  Step take_instruction() {
    const std::size_t begin = at_;
    if (pass(2, "?>")) return Step::kTaken;
    const std::string_view said = text_.substr(begin + 2);
    // The declaration says nothing before its end, nor does the beginning of a name.
    const bool declaration = said.substr(0, 3) == "xml" && begin == document_;
    const bool named = said.find_first_of(" \t\r\n") != kNone;
    if (declaration || !named) return cut(begin, {});
    return cut(text_.size(), said.ends_with('?') ? ">" : "?>");
  }

  Step take_end_tag() {
    if (open_.empty()) return Step::kMalformed;
    const std::size_t begin = at_;
    at_ += 2;
    const std::string_view name = take_name();
    if (at_ == text_.size()) {
      return open_.back().starts_with(name) ? cut(begin, {}) : Step::kMalformed;
    }
    if (name != open_.back()) return Step::kMalformed;
    skip_blanks();
    if (at_ == text_.size()) return cut(begin, {});
    if (text_[at_++] != '>') return Step::kMalformed;
    open_.pop_back();
    return Step::kTaken;
  }

  Step take_start_tag() {
    if (open_.empty() && rooted_) return Step::kMalformed;
    const std::size_t begin = at_++;
    if (at_ == text_.size()) return cut(begin, {});
    if (!begins_name(text_[at_]) || open_.size() >= kMaxDepth) return Step::kMalformed;
    const std::string_view name = take_name();
    rooted_ = true;
    for (;;) {
      skip_blanks();
      if (at_ == text_.size()) return cut(at_, "/>");
      if (text_[at_] == '>') {
        ++at_;
        open_.push_back(name);
        return Step::kTaken;
      }
      if (text_[at_] == '/') {
        ++at_;
        if (at_ == text_.size()) return cut(at_, ">");
        return text_[at_++] == '>' ? Step::kTaken : Step::kMalformed;
      }
      if (const Step step = take_attribute(); step != Step::kTaken) return step;
    }
  }

  /// One whose value had not begun is left out.
  Step take_attribute() {
    const std::size_t begin = at_;
    if (!begins_name(text_[at_])) return Step::kMalformed;
    take_name();
    skip_blanks();
    if (at_ == text_.size()) return cut(begin, "/>");
    if (text_[at_++] != '=') return Step::kMalformed;
    skip_blanks();
    if (at_ == text_.size()) return cut(begin, "/>");
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'') return Step::kMalformed;
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == kNone) return cut(text_end(), std::string(1, quote) + "/>");
    at_ = end + 1;
    return Step::kTaken;
  }

  /// Of the document type the declarations that came whole are kept.
  Step take_doctype() {
    if (rooted_) return Step::kMalformed;
    const std::size_t begin = at_;
    ++at_;
    if (!pass_declaration("[>")) return cut(begin, {});
    if (text_[at_++] == '>') return Step::kTaken;
    for (;;) {
      skip_blanks();
      const std::size_t whole = at_;
      if (at_ == text_.size()) return cut(whole, "]>");
      if (text_[at_] == ']') break;
      if (!pass_in_subset()) return cut(whole, "]>");
    }
    ++at_;
    const std::size_t closed = at_;
    skip_blanks();
    if (at_ == text_.size()) return cut(closed, ">");
    return text_[at_++] == '>' ? Step::kTaken : Step::kMalformed;
  }

  /// To one of `ends`, quotes passed over. False: cut off.
  bool pass_declaration(std::string_view ends) {
    while (at_ < text_.size() && ends.find(text_[at_]) == kNone) {
      const char c = text_[at_++];
      if (c != '"' && c != '\'') continue;
      at_ = text_.find(c, at_);
      if (at_ == kNone) return false;
      ++at_;
    }
    return at_ < text_.size();
  }

  bool pass_in_subset() {
    if (next_is("<!--")) return pass(4, "-->");
    if (next_is("<?")) return pass(2, "?>");
    if (!pass_declaration(next_is("%") ? ";" : ">")) return false;
    ++at_;
    return true;
  }

  Step cut(std::size_t kept, std::string ending) {
    done_ = end(kept, std::move(ending));
    return Step::kCut;
  }

  Completion end(std::size_t kept, std::string ending) const {
    // A document has a root: this one's had not come.
    if (!rooted_) ending += "<cut/>";
    for (std::size_t i = open_.size(); i-- > 0;) {
      ending.append("</").append(open_[i]).append(">");
    }
    return {kept, std::move(ending)};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t document_ = 0;            // where it begins
  std::vector<std::string_view> open_;  // elements, the innermost last
  bool rooted_ = false;
  Completion done_;
};

/// UTF-16 and UTF-32, with their mark or without.
bool is_wide(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         text.substr(0, 4).find('\0') != kNone;
}

}  // namespace

std::optional<Completion> complete_xml(std::string_view cut) {
  if (is_wide(cut)) return std::nullopt;
  return Xml(cut.substr(0, cut.size() - unfinished_utf8(cut))).complete();
}

}  // namespace spoa::inspect
