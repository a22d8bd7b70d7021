#include "reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "directives.h"
#include "lexis.h"
#include "resource.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr std::size_t kMostNested = 64;
constexpr std::size_t kMostFiles = 10000;

constexpr std::string_view kIncludeBytes =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/.-*:";

// The rest of the line is their value, a number sign too.
constexpr auto kWholeLine = std::to_array<std::string_view>(
    {"SecArgumentSeparator", "SecAuditLogRelevantStatus", "SecComponentSignature",
     "SecGeoLookupDb", "SecHttpBlKey", "SecResponseBodyMimeType", "SecRuleRemoveById",
     "SecRuleRemoveByMsg", "SecRuleRemoveByTag", "SecStatusEngine", "SecUnicodeMapFile",
     "SecWebAppId"});

constexpr auto kActionLists = std::to_array<std::string_view>(
    {"SecAction", "SecDefaultAction", "SecRuleScript", "SecRuleUpdateActionById"});

constexpr auto kUpdateTargets = std::to_array<std::string_view>(
    {"SecRuleUpdateTargetById", "SecRuleUpdateTargetByMsg", "SecRuleUpdateTargetByTag"});

bool is_one_of(const Directive& directive, const auto& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](auto name) { return directive.is(name); });
}

class Reader {
 public:
  void read_file(const std::string& path, const Problem& at);
  void read(std::string_view text, const std::string& file);

  Document document;

 private:
  void read_directive(Scanner& in, const std::string& file);
  void check_blanks_before_value(const Scanner& in, const Directive& directive);
  void read_arguments(Scanner& in, Directive& directive);
  void read_rule(Scanner& in, Directive& directive);
  void read_variable_list(Scanner& in, Directive& directive);
  void read_operator_text(Scanner& in, Directive& directive);
  void read_action_list(Scanner& in, Directive& directive);
  void read_word(Scanner& in, Directive& directive);
  void include(Scanner& in, const Directive& directive);
  void include_found(const std::string& resource, const Directive& directive,
                     Place place);

  void problem(const std::string& file, Place place, std::string text,
               std::string remedy) {
    document.problems.push_back(
        {file, place.line, place.column, std::move(text), std::move(remedy)});
  }
  void warn(const std::string& file, Place place, std::string text, std::string remedy) {
    document.warnings.push_back(
        {file, place.line, place.column, std::move(text), std::move(remedy)});
  }

  std::vector<std::string> open_;  // canonical paths of the files being read
  std::size_t files_ = 0;
};

// A comment ends with its line. But a rule that was commented out by its first line only
// takes the lines it continues on with it.
void skip_comment(Scanner& in) {
  std::string_view line = in.take_line();
  const std::size_t word = line.find_first_not_of(" \t", 1);
  const std::string_view content =
      word == std::string_view::npos ? "" : line.substr(word);
  const bool rule = content.starts_with("SecRule") || content.starts_with("SecAction");
  const auto continues = [](std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r");
    return last != std::string_view::npos && text[last] == '\\';
  };
  if (!rule) return;
  while (continues(line) && !in.at_end()) {
    in.take(1);
    line = in.take_line();
  }
}

void Reader::read(std::string_view text, const std::string& file) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    Scanner to_nul(text);
    to_nul.take(nul);
    problem(file, to_nul.place(), "a zero byte in a rules file",
            "save the file as plain text (UTF-8, not UTF-16)");
    return;
  }
  Scanner in(text);
  if (text.starts_with("\xef\xbb\xbf")) {
    problem(file, in.place(), "the file begins with a byte order mark",
            "save it as UTF-8 without a byte order mark");
    in.take(3);
  }
  for (in.skip_space(); !in.at_end(); in.skip_space()) {
    if (in.peek() == '#') {
      skip_comment(in);
    } else {
      read_directive(in, file);
    }
  }
}

void Reader::read_directive(Scanner& in, const std::string& file) {
  Directive directive;
  directive.file = file;
  directive.place = in.place();
  directive.name = std::string(in.take_word());
  if (directive.name.empty()) {
    problem(file, directive.place, "a directive was expected",
            "directives begin with Sec or Include; put # in front of a comment");
    in.take_line();
    return;
  }
  check_blanks_before_value(in, directive);
  in.skip_blanks();
  if (directive.is("Include")) {
    include(in, directive);
    return;
  }
  read_arguments(in, directive);
  document.directives.push_back(std::move(directive));
}

void Reader::check_blanks_before_value(const Scanner& in, const Directive& directive) {
  const std::string_view rest = in.rest();
  const std::string_view blanks = rest.substr(0, rest.find_first_not_of(" \t"));
  const bool tabs_only = !blanks.empty() && blanks.find(' ') == std::string_view::npos;
  if (!tabs_only || !is_found_by_space(directive)) return;
  problem(directive.file, in.place(),
          "a tab between " + directive.name +
              " and its value: the library crashes, or takes a part of the value",
          "put one space there");
}

void Reader::read_arguments(Scanner& in, Directive& directive) {
  if (directive.is("SecRule")) {
    read_rule(in, directive);
  } else if (is_one_of(directive, kUpdateTargets)) {
    read_word(in, directive);
    in.skip_blanks();
    read_variable_list(in, directive);
  } else if (is_one_of(directive, kActionLists)) {
    if (in.peek() != '"' || directive.is("SecRuleUpdateActionById")) {
      read_word(in, directive);
      in.skip_space();
    }
    read_action_list(in, directive);
  } else if (is_one_of(directive, kWholeLine) && in.peek() != '"') {
    const Place place = in.place();
    std::string value(in.take_line());
    while (!value.empty() && (is_blank(value.back()) || value.back() == '\r')) {
      value.pop_back();
    }
    directive.arguments.push_back({std::move(value), place});
  } else {
    while (!in.at_end() && in.peek() != '\n' && in.peek() != '\r' && in.peek() != '#') {
      const std::string begin = lower(in.rest().substr(0, 3));
      if (!directive.arguments.empty() && begin == "sec") return;  // on the same line
      read_word(in, directive);
      in.skip_blanks();
    }
  }
}

void Reader::read_word(Scanner& in, Directive& directive) {
  Place place = in.place();
  if (in.peek() != '"') {
    directive.arguments.push_back({std::string(in.take_bare()), place});
    return;
  }
  in.take(1);
  place = in.place();
  const std::size_t end = in.rest().find_first_of("\"\n");
  const bool closed = end != std::string_view::npos && in.rest()[end] == '"';
  directive.arguments.push_back({std::string(in.take(end)), place});
  if (closed) {
    in.take(1);
  } else {
    problem(directive.file, place, "the quote is not closed", "end the value with \"");
  }
}

void Reader::read_rule(Scanner& in, Directive& directive) {
  read_variable_list(in, directive);
  in.skip_space();
  read_operator_text(in, directive);
  // The actions may stand on the next line, even without a backslash.
  Scanner ahead = in;
  ahead.skip_blanks();
  if (ahead.peek() == '\r') ahead.take(1);
  if (ahead.peek() == '\n') ahead.take(1);
  ahead.skip_blanks();
  if (ahead.peek() == '"') in = ahead;
  in.skip_blanks();
  if (in.peek() == '\n' || in.peek() == '\r' || in.at_end()) return;
  read_action_list(in, directive);
}

void Reader::read_variable_list(Scanner& in, Directive& directive) {
  const bool quoted = in.peek() == '"';
  if (quoted) in.take(1);
  const Place place = in.place();
  directive.arguments.push_back({std::string(in.take_bare()), place});
  if (quoted && in.peek() == '"') in.take(1);
}

void Reader::read_operator_text(Scanner& in, Directive& directive) {
  if (in.peek() != '"') {
    const Place place = in.place();
    const std::size_t length = bare_operator_length(in.rest());
    directive.arguments.push_back({std::string(in.take(length)), place});
    return;
  }
  in.take(1);
  const Place place = in.place();
  const std::size_t length = quoted_operator_length(in.rest());
  directive.arguments.push_back({std::string(in.take(length)), place});
  if (length == std::string_view::npos) {
    problem(directive.file, place, "the operator's quote is not closed",
            "end it with \"; a quote inside needs a backslash in front of it");
    return;
  }
  in.take(1);
  const std::size_t junk =
      std::min(in.rest().find_first_of(" \t\r\n\"\\"), in.rest().size());
  if (junk > 0) {
    problem(directive.file, in.place(),
            "text right behind the operator's closing quote: the library drops it",
            "put a backslash in front of a quote that belongs to the operator");
    in.take(junk);
  }
}

void Reader::read_action_list(Scanner& in, Directive& directive) {
  if (in.peek() != '"') {
    const Place place = in.place();
    directive.arguments.push_back({std::string(in.take_bare()), place});
    return;
  }
  in.take(1);
  const Place place = in.place();
  const Actions list = read_actions(in.rest());
  const bool at_line_end = in.rest().size() > list.length;
  directive.arguments.push_back({std::string(in.take(list.length)), place});
  if (list.closed) {
    in.take(1);
  } else if (at_line_end) {
    warn(directive.file, place, "the quote of the actions is not closed on its line",
         "end the actions with \", or the line with a backslash");
  } else {
    problem(directive.file, place, "the quote of the actions is not closed",
            "end the actions with \"; each ' inside needs its partner");
  }
}

void Reader::include(Scanner& in, const Directive& directive) {
  const Place place = in.place();
  std::string resource(in.take_line());
  const std::size_t comment = resource.find('#');
  resource.resize(std::min(comment, resource.find_last_not_of(" \t\r") + 1));
  while (!resource.empty() && is_blank(resource.back())) resource.pop_back();
  std::string_view path = resource;
  if (path.size() > 1 && path.starts_with('"') && path.ends_with('"')) {
    path = path.substr(1, path.size() - 2);
  }
  const std::size_t bad = path.find_first_not_of(kIncludeBytes);
  if (path.empty() || bad != std::string_view::npos) {
    problem(directive.file, place, "Include needs one path",
            "the library takes letters, digits and _ / . - * : in it, nothing else");
    return;
  }
  include_found(resource, directive, place);
}

void Reader::include_found(const std::string& resource, const Directive& directive,
                           Place place) {
  const Found found = find_included(resource, directive.file);
  const bool quoted_star =
      resource.starts_with('"') && resource.find('*') != std::string::npos;
  if (!found.problem.empty()) {
    problem(
        directive.file, place, "Include " + resource + " finds nothing: " + found.problem,
        quoted_star ? "leave the quotes out: inside them * is no wildcard"
                    : "name a file, relative to this one; for files that may be absent "
                      "use a wildcard that always matches one more, see docs/rules.md");
  }
  for (const std::string& path : found.unreadable) {
    const std::string why = why_unreadable(path);
    problem(directive.file, place,
            "Include " + resource + " matches " + path + ", which cannot be opened" +
                (why.empty() ? "" : ": " + why),
            "make it readable, or remove it: the library would pass over it in silence");
  }
  if (found.in_working_directory) {
    warn(directive.file, place,
         "Include " + resource +
             " is found in the working directory, not beside this file",
         "write the whole path: the daemon may run in another folder");
  }
  const Problem at{directive.file, place.line, place.column, "", ""};
  for (const std::string& path : found.files) read_file(path, at);
}

void Reader::read_file(const std::string& path, const Problem& at) {
  const auto refuse = [&](std::string text, std::string remedy) {
    Problem problem = at;
    problem.text = std::move(text);
    problem.remedy = std::move(remedy);
    document.problems.push_back(std::move(problem));
  };
  if (const std::string why = why_unreadable(path); !why.empty()) {
    refuse("cannot read " + path + ": " + why,
           "name a readable file, or files by a wildcard");
    return;
  }
  std::error_code error;
  const std::string canonical = std::filesystem::canonical(path, error).string();
  if (std::find(open_.begin(), open_.end(), canonical) != open_.end()) {
    refuse(path + " includes itself", "remove one Include of the circle");
    return;
  }
  if (open_.size() >= kMostNested || files_ >= kMostFiles) {
    if (files_ <= kMostFiles) {
      refuse("too many Includes: at most 64 inside each other and 10000 files in all",
             "bring files in by a wildcard in one place");
    }
    files_ += files_ == kMostFiles ? 1 : 0;  // said once
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  ++files_;
  open_.push_back(canonical);
  read(text, path);
  open_.pop_back();
}

}  // namespace

Document read_rules(const std::vector<std::string>& files) {
  Reader reader;
  reader.document.files = files;
  for (const std::string& file : files) reader.read_file(file, {file, 0, 0, "", ""});
  return std::move(reader.document);
}

Document read_text(std::string_view text, const std::string& file) {
  Reader reader;
  reader.document.files = {file};
  reader.read(text, file);
  return std::move(reader.document);
}

}  // namespace spoa::seclang
