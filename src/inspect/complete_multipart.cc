#include <algorithm>
#include <cctype>

#include <strings.h>

#include "complete.h"

namespace spoa::inspect {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_leading_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == kNone ? std::string_view{} : text.substr(begin);
}

bool equal_fold(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// How the unfinished value of a Content-Disposition goes on.
struct Finish {
  std::size_t kept = 0;
  std::string ending;
};

/// The value of a Content-Disposition that the cut left without its end. Its parameters
/// are taken one by one; nullopt when none of them is a name.
class Disposition {
 public:
  explicit Disposition(std::string_view value) : value_(value) {}

  std::optional<Finish> finish() {
    constexpr std::string_view kForm = "form-data";
    if (!value_.starts_with(kForm)) return std::nullopt;
    at_ = kForm.size();
    while (!done_) {
      skip_blanks();
      whole_ = at_;
      if (at_ == value_.size()) return end(at_, {});
      if (value_[at_] != ';') return std::nullopt;
      ++at_;
      skip_blanks();
      if (!take_parameter()) return std::nullopt;
    }
    return end(finish_.kept, finish_.ending);
  }

 private:
  void skip_blanks() {
    while (at_ < value_.size() && is_blank(value_[at_])) ++at_;
  }

  std::optional<Finish> end(std::size_t kept, std::string ending) const {
    if (!has_name_) return std::nullopt;
    return Finish{kept, std::move(ending)};
  }

  void cut(std::size_t kept, std::string ending = {}) {
    done_ = true;
    finish_ = {kept, std::move(ending)};
  }

  bool take_parameter() {
    const std::size_t begin = at_;
    while (at_ < value_.size() && value_[at_] != '=' && !is_blank(value_[at_])) ++at_;
    const std::string_view name = value_.substr(begin, at_ - begin);
    skip_blanks();
    if (at_ < value_.size() && value_[at_] != '=') return false;
    if (at_ < value_.size()) ++at_;
    skip_blanks();
    if (at_ == value_.size()) {
      cut(whole_);
    } else if (name == "filename*") {
      take_extended();
    } else if (value_[at_] == '"' || value_[at_] == '\'') {
      take_quoted(name);
    } else {
      take_token(name);
    }
    return true;
  }

  void note(std::string_view name, bool empty) {
    has_name_ = has_name_ || (name == "name" && !empty);
    has_filename_ = has_filename_ || (name == "filename" && !empty);
  }

  void take_quoted(std::string_view name) {
    const char quote = value_[at_++];
    const std::size_t begin = at_;
    while (at_ < value_.size() && value_[at_] != quote) {
      if (value_[at_] == '\\') {
        if (at_ + 1 == value_.size()) break;
        if (value_[at_ + 1] == quote || value_[at_ + 1] == '\\') ++at_;
      }
      ++at_;
    }
    const std::string_view said = value_.substr(begin, at_ - begin);
    if (at_ < value_.size() && value_[at_] == quote) {
      ++at_;
      note(name, said.empty());
      return;
    }
    const std::size_t kept = said.size() - unfinished_utf8(said);
    note(name, kept == 0);
    if (kept == 0) {
      cut(whole_);
    } else {
      cut(begin + kept, std::string(1, quote));
    }
  }

  void take_token(std::string_view name) {
    const std::size_t begin = at_;
    while (at_ < value_.size() && value_[at_] != ';' && !is_blank(value_[at_])) ++at_;
    note(name, at_ == begin);
  }

  /// charset'language'name, where the name may end within a %XX. The library wants it
  /// beside a plain filename only.
  void take_extended() {
    const std::size_t begin = at_;
    at_ = std::min(value_.find(';', begin), value_.size());
    if (at_ < value_.size()) return;
    const std::string_view said = value_.substr(begin);
    const std::size_t language = said.find('\'');
    const bool begun =
        language != kNone && said.find('\'', language + 1) != kNone && has_filename_;
    if (!begun) return cut(whole_);
    const std::size_t percent = said.rfind('%');
    cut(percent != kNone && percent + 3 > said.size() ? begin + percent : at_);
  }

  const std::string_view value_;
  std::size_t at_ = 0;
  std::size_t whole_ = 0;  // where the last whole parameter ends
  bool has_name_ = false;
  bool has_filename_ = false;
  bool done_ = false;
  Finish finish_;
};

class Multipart {
 public:
  Multipart(std::string_view text, std::string_view boundary)
      : text_(text), mark_("--" + std::string(boundary)) {}

  std::optional<Completion> complete() {
    std::size_t begin = 0;
    for (std::size_t end; (end = text_.find('\n', begin)) != kNone; begin = end + 1) {
      const std::string_view line = text_.substr(begin, end + 1 - begin);
      if (begin == 0 && !line.ends_with("\r\n")) eol_ = "\n";
      if (place_ == Place::kAfter) return Completion{text_.size(), {}};
      if (!take_line(line, begin)) return std::nullopt;
    }
    return finish(text_.substr(begin), begin);
  }

 private:
  enum class Place { kBefore, kHeader, kFirstData, kData, kAfter };

  bool take_line(std::string_view line, std::size_t begin) {
    if (line.starts_with(mark_)) return take_boundary(line, begin);
    if (place_ == Place::kHeader) return take_header(line);
    if (place_ == Place::kFirstData) place_ = Place::kData;
    return true;
  }

  bool take_boundary(std::string_view line, std::size_t begin) {
    // Where a header or the first line of data should be, the library takes it for that.
    if (place_ != Place::kBefore && place_ != Place::kData) return false;
    std::string_view rest = line.substr(mark_.size());
    const bool last = rest.starts_with("--");
    if (last) rest.remove_prefix(2);
    place_ = last ? Place::kAfter : Place::kHeader;
    part_ = begin;
    has_disposition_ = false;
    return rest == "\r\n" || rest == "\n";
  }

  bool take_header(std::string_view line) {
    if (line == "\r\n" || line == "\n") {
      place_ = Place::kFirstData;
      return has_disposition_;
    }
    if (is_blank(line.front())) return true;  // folded
    const std::size_t colon = line.find(':');
    if (colon == kNone || colon == 0) return false;
    if (equal_fold(line.substr(0, colon), "content-disposition")) has_disposition_ = true;
    return true;
  }

  /// `tail` is the last line, without an end.
  std::optional<Completion> finish(std::string_view tail, std::size_t begin) {
    switch (place_) {
      case Place::kBefore:
      case Place::kData:
        return finish_data(tail);
      case Place::kHeader:
        return finish_header(tail, begin);
      case Place::kFirstData:
        if (tail.starts_with(mark_)) return std::nullopt;
        return after_line(tail, last_boundary());
      case Place::kAfter:
        break;
    }
    return Completion{text_.size(), {}};
  }

  std::optional<Completion> finish_data(std::string_view tail) {
    if (std::string_view(mark_).starts_with(tail)) {
      return Completion{text_.size(), last_boundary().substr(tail.size())};
    }
    if (!tail.starts_with(mark_)) return after_line(tail, last_boundary());
    const std::string_view rest = tail.substr(mark_.size());
    if (rest == "\r") return Completion{text_.size() - 1, "--" + eol_};
    const std::string_view last = "--\r";
    if (!last.starts_with(rest)) return std::nullopt;
    std::string ending(
        last.substr(rest.size(), 2 - std::min<std::size_t>(rest.size(), 2)));
    ending += rest == last ? "\n" : eol_;
    return Completion{text_.size(), std::move(ending)};
  }

  std::optional<Completion> finish_header(std::string_view tail, std::size_t begin) {
    if (tail.ends_with('\r')) {  // whole, but for the last byte of its end
      const std::string whole = std::string(tail) + "\n";
      if (!take_line(whole, begin)) return std::nullopt;
      if (place_ == Place::kFirstData) return after_line(tail, eol_ + last_boundary());
      return has_disposition_ ? after_line(tail, eol_ + eol_ + last_boundary())
                              : drop_part();
    }
    if (tail.starts_with(mark_)) return std::nullopt;
    if (has_disposition_) return Completion{begin, eol_ + eol_ + last_boundary()};
    const std::size_t colon = tail.find(':');
    if (colon == kNone || !equal_fold(tail.substr(0, colon), "content-disposition")) {
      return drop_part();
    }
    const std::string_view value = without_leading_blanks(tail.substr(colon + 1));
    const std::size_t value_begin = begin + tail.size() - value.size();
    const auto finished = Disposition(value).finish();
    if (!finished) return drop_part();
    return Completion{value_begin + finished->kept,
                      finished->ending + eol_ + eol_ + eol_ + last_boundary()};
  }

  /// The part says nothing yet: its first boundary becomes the last of all.
  [[nodiscard]] Completion drop_part() const {
    return {part_ + mark_.size(), "--" + eol_};
  }

  /// Ends the last line, of which a CR may be there, and goes on with `next`.
  [[nodiscard]] Completion after_line(std::string_view tail, std::string next) const {
    if (tail.ends_with('\r')) return {text_.size(), "\n" + next};
    const std::size_t unfinished = unfinished_utf8(tail);
    return {text_.size() - unfinished, eol_ + next};
  }

  [[nodiscard]] std::string last_boundary() const { return mark_ + "--" + eol_; }

  const std::string_view text_;
  const std::string mark_;
  std::string eol_ = "\r\n";
  Place place_ = Place::kBefore;
  std::size_t part_ = 0;  // where the boundary of the part that is open begins
  bool has_disposition_ = false;
};

/// RFC 2046, as far as the library follows it.
bool is_boundary(std::string_view text) {
  constexpr std::string_view kSpecial = "'()+_,-./:=? ";
  return !text.empty() && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  kSpecial.find(c) != kNone;
         });
}

}  // namespace

std::optional<Completion> complete_multipart(std::string_view cut,
                                             std::string_view boundary) {
  return Multipart(cut, boundary).complete();
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  constexpr std::string_view kType = "multipart/form-data";
  constexpr std::string_view kName = "boundary";
  if (!equal_fold(content_type.substr(0, kType.size()), kType)) return std::nullopt;
  std::string_view rest = content_type.substr(kType.size());
  const std::size_t name = rest.find(kName);
  if (name == kNone) return std::nullopt;
  const std::size_t equals = rest.find('=', name + kName.size());
  if (equals == kNone) return std::nullopt;
  std::string_view value = rest.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  if (!is_boundary(value)) value = value.substr(0, value.find(';'));
  if (!is_boundary(value)) return std::nullopt;
  return std::string(value);
}

}  // namespace spoa::inspect
