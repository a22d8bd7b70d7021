#include "library_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "library_lines.h"
#include "rule.h"
#include "scanner.h"

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

// What the library said, with its own place for it.
struct Said {
  std::string file;  // empty: it gave no place
  Place place;
  std::string_view text;
};

Said read(std::string_view text) {
  constexpr std::string_view kFile = "File: ";
  constexpr std::string_view kLine = ". Line: ";
  const std::size_t file = text.find(kFile);
  const std::size_t line = file == npos ? npos : text.find(kLine, file);
  if (line == npos) return {"", {}, text};
  const std::string_view name =
      text.substr(file + kFile.size(), line - file - kFile.size());
  std::string_view rest = text.substr(line);
  const auto number = take_number(rest, kLine);
  const auto column = take_number(rest, ". Column: ");
  if (!number || !column) return {"", {}, text};
  if (rest.starts_with('.')) rest.remove_prefix(1);
  return {std::string(name), {*number, *column}, rest};
}

Problem unplaced(const Said& said, std::string fallback_file) {
  Problem problem{std::move(fallback_file), 0, 0, "", "see docs/rules.md"};
  if (!said.file.empty()) problem.file = said.file;
  problem.text = tidy(said.text);
  if (problem.text.empty())
    problem.text = "the library refuses the file without saying why";
  problem.text = "libmodsecurity: " + problem.text;
  return problem;
}

// The directive a text is about although its place is behind the directive before.
std::string named_directive(std::string_view text) {
  static constexpr auto kPhrases =
      std::to_array<std::pair<std::string_view, std::string_view>>(
          {{"SecDefaultActions", "SecDefaultAction"},
           {"Failed to load script", "SecRuleScript"},
           {"DebugLog", "SecDebugLog"},
           {"GeoDB", "SecGeoLookupDb"},
           {"unicode map", "SecUnicodeMapFile"}});
  for (const auto& [phrase, name] : kPhrases) {
    if (text.find(phrase) != npos) return std::string(name);
  }
  Scanner words(text);
  words.skip_space();
  const std::string_view first = words.take_word();
  return std::string(first.starts_with("Sec") ? first : "");
}

const Directive* first_named(const Document& document, std::string_view name,
                             std::size_t from) {
  for (std::size_t i = from; i < document.directives.size(); ++i) {
    if (document.directives[i].is(name)) return &document.directives[i];
  }
  return nullptr;
}

const Directive* last_of(const Document& document, const std::string& file) {
  const Directive* last = nullptr;
  for (const Directive& directive : document.directives) {
    if (directive.file == file) last = &directive;
  }
  return last;
}

// The library refuses these without a place.
const Directive* chained_with_verdict(const Document& document) {
  for (const Rule& rule : rules_of(document)) {
    for (const Action& action : rule.actions) {
      if (rule.chained && action.name != "block" && is_disruptive(action.name))
        return rule.directive;
    }
  }
  return nullptr;
}

// The directive an error is about, or null.
const Directive* meant(const Said& said, const Document& document) {
  if (said.text.starts_with("Disruptive actions can only")) {
    return chained_with_verdict(document);
  }
  std::optional<Reported> reported;
  if (!said.file.empty()) reported = find_reported(document, said.file, said.place);
  if (const std::string name = named_directive(said.text); !name.empty()) {
    std::size_t from = 0;
    if (reported) from = reported->directive + 1;
    return first_named(document, name, from);
  }
  if (!reported) return nullptr;
  const Directive* directive = &document.directives[reported->directive];
  const bool syntax = said.text.find("syntax error") != npos;
  if (syntax && said.text.find("unexpected end of file") != npos) {
    return last_of(document, said.file);
  }
  // The next directive came where the one before should have gone on.
  if (syntax && reported->in_name && reported->directive > 0) return directive - 1;
  return directive;
}

// Where the directive holds what the library quotes: "Expecting an action, got:  foo".
Place place_of_quoted(const Directive& directive, std::string_view text) {
  constexpr std::string_view kGot = ", got: ";
  const std::size_t got = text.find(kGot);
  if (got == npos) return directive.place;
  std::string_view quoted = text.substr(got + kGot.size());
  const bool variable = text.find("Expecting a variable") != npos;
  quoted.remove_prefix(std::min(quoted.find_first_not_of(" :"), quoted.size()));
  quoted = quoted.substr(0, quoted.find_first_of(variable ? "\" \t\r\n" : "\"\r\n"));
  for (const Argument& argument : directive.arguments) {
    const std::size_t at = quoted.empty() ? npos : argument.text.find(quoted);
    if (at != npos) return place_in(argument, at);
  }
  return directive.place;
}

void say_what_is_refused(Problem& problem, const Directive& directive) {
  problem.text = "libmodsecurity refuses this " + directive.name + " without saying why";
  if (!directive.is("SecRule") || directive.arguments.size() < 2) return;
  // It is silent about arguments of operators: @ipMatch, @ipMatchFromFile.
  const Argument& test = directive.arguments[1];
  problem.text += ": " + test.text;
  problem.remedy = "correct the operator's argument";
  problem.line = test.place.line;
  problem.column = test.place.column;
}

}  // namespace

Problem from_library_error(std::string_view text, std::string fallback_file) {
  const Said said = read(text);
  Problem problem = unplaced(said, std::move(fallback_file));
  if (!said.file.empty()) {
    problem.line = said.place.line;
    problem.column = said.place.column;
  }
  return problem;
}

Problem from_library_error(std::string_view text, std::string fallback_file,
                           const Document& document) {
  const Said said = read(text);
  Problem problem = unplaced(said, std::move(fallback_file));
  const Directive* directive = meant(said, document);
  if (directive == nullptr) return problem;
  const Place place = place_of_quoted(*directive, said.text);
  problem.file = directive->file;
  problem.line = place.line;
  problem.column = place.column;
  if (tidy(said.text).empty()) say_what_is_refused(problem, *directive);
  return problem;
}

}  // namespace spoa::seclang
