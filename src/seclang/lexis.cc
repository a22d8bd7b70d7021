#include "lexis.h"

#include <algorithm>
#include <array>

#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto npos = std::string_view::npos;

// Every name the library's lexer knows. A longer one wins over its own beginning.
constexpr auto kOperators = std::to_array<std::string_view>({"beginsWith",
                                                             "contains",
                                                             "containsWord",
                                                             "detectSQLi",
                                                             "detectXSS",
                                                             "endsWith",
                                                             "eq",
                                                             "fuzzyHash",
                                                             "ge",
                                                             "geoLookup",
                                                             "gsbLookup",
                                                             "gt",
                                                             "inspectFile",
                                                             "ipMatch",
                                                             "ipMatchF",
                                                             "ipMatchFromFile",
                                                             "le",
                                                             "lt",
                                                             "pm",
                                                             "pmf",
                                                             "pmFromFile",
                                                             "rbl",
                                                             "rsub",
                                                             "rx",
                                                             "rxGlobal",
                                                             "streq",
                                                             "strmatch",
                                                             "unconditionalMatch",
                                                             "validateByteRange",
                                                             "validateDTD",
                                                             "validateHash",
                                                             "validateSchema",
                                                             "validateUrlEncoding",
                                                             "validateUtf8Encoding",
                                                             "verifyCC",
                                                             "verifyCPF",
                                                             "verifySSN",
                                                             "verifySVNR",
                                                             "within"});

constexpr auto kWithoutArgument = std::to_array<std::string_view>(
    {"detectSQLi", "detectXSS", "geoLookup", "unconditionalMatch", "validateUrlEncoding",
     "validateUtf8Encoding"});

// These take free text, with line breaks, in either kind of quotes.
constexpr auto kTextActions =
    std::to_array<std::string_view>({"initcol", "logdata", "msg", "redirect", "setenv",
                                     "setrsc", "setsid", "setuid", "tag"});

bool is_one_of(std::string_view name, const auto& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](auto other) { return equal_ignoring_case(name, other); });
}

// An odd run of backslashes escapes, unless the run begins the token.
bool is_escaped(std::string_view text, std::size_t token, std::size_t at) {
  std::size_t run = 0;
  while (at - run > token && text[at - run - 1] == '\\') ++run;
  return run % 2 == 1 && at - run > token;
}

bool has_macro(std::string_view text) {
  std::size_t at = text.find("%{");
  while (at != npos && is_escaped(text, 0, at)) at = text.find("%{", at + 1);
  return at != npos;
}

// The index of the first of `stops`, not escaped, outside of macros; npos: none. In
// double quotes the library's lexer takes the byte after a percent sign along, even a
// quote.
std::size_t end_of_text(std::string_view text, std::size_t from, std::string_view stops,
                        bool percent_takes_next) {
  std::size_t token = from;
  std::size_t at = from;
  while (at < text.size()) {
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '%' && next == '{' && !is_escaped(text, token, at)) {
      const std::size_t end = text.find('}', at);
      if (end == npos) return npos;
      token = at = end + 1;
    } else if (c == '%' && next != '\\' && next != '{' && percent_takes_next) {
      token = at += 2;
    } else if (stops.find(c) != npos && !is_escaped(text, token, at)) {
      return at;
    } else {
      ++at;
    }
  }
  return npos;
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  for (;;) {
    const std::size_t hidden = continuation_length(text, at);
    if (hidden == 0 && (at >= text.size() || !is_blank(text[at]))) return at;
    at += std::max<std::size_t>(hidden, 1);
  }
}

std::string_view known_operator(std::string_view after_at) {
  std::string_view best;
  for (const std::string_view name : kOperators) {
    if (name.size() > best.size() &&
        equal_ignoring_case(after_at.substr(0, name.size()), name)) {
      best = name;
    }
  }
  return best;
}

// Where the parts of an operator begin. `argument` is npos when there is none.
struct OperatorParts {
  bool negated = false;
  std::string_view name;
  std::size_t at = 0;  // of the @, or of the implicit pattern
  std::size_t name_end = 0;
  std::size_t argument = 0;
};

// One blank alone already begins a pattern; more of them are passed over.
std::size_t skip_operator_blanks(std::string_view text, std::size_t at) {
  const std::size_t end = skip_blanks(text, at);
  return end - at == 1 ? at : end;
}

OperatorParts split_operator(std::string_view text) {
  OperatorParts parts;
  parts.at = skip_operator_blanks(text, 0);
  if (parts.at < text.size() && text[parts.at] == '!') {
    parts.negated = true;
    parts.at = skip_operator_blanks(text, parts.at + 1);
  }
  parts.argument = parts.at;
  if (parts.at >= text.size() || text[parts.at] != '@') return parts;
  const std::string_view name = known_operator(text.substr(parts.at + 1));
  const std::size_t end = parts.at + 1 + name.size();
  if (name.empty()) return parts;
  if (is_one_of(name, kWithoutArgument)) {
    const std::size_t after = std::min(text.find_first_not_of(' ', end), text.size());
    const bool whole = after == text.size() || text[after] == '"' || text[after] == '\n';
    if (!whole) return parts;
    parts.argument = npos;
  } else {
    const std::size_t gap = std::min(text.find_first_of(" \"\n", end), text.size());
    parts.argument = gap < text.size() && text[gap] == ' ' ? gap + 1 : npos;
  }
  parts.name = name;
  parts.name_end = end;
  return parts;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// `initcol:ip=...`: the quote, if any, stands behind the equals sign.
std::size_t value_begin(std::string_view text, std::size_t at, const Action& action) {
  if (action.name != "initcol") return at;
  const std::size_t equals = text.find_first_of("=,\"", at);
  return equals != npos && text[equals] == '=' ? equals + 1 : at;
}

// The value of an action: sets `at` behind it. False: its quote is not closed.
bool read_value(std::string_view text, std::size_t& at, Action& action) {
  const bool free_text = is_one_of(action.name, kTextActions);
  const std::size_t begin = value_begin(text, at, action);
  action.value = std::string(text.substr(at, begin - at));
  const char quote = begin < text.size() ? text[begin] : '\0';
  if (quote == '\'' || (quote == '"' && free_text)) {
    // The end of the whole list ends a setvar too.
    const std::string_view stops =
        action.name == "setvar" ? "'\"" : std::string_view(&quote, 1);
    const std::size_t end = end_of_text(text, begin + 1, stops, quote == '"');
    action.value += text.substr(begin + 1, end == npos ? npos : end - begin - 1);
    at = end == npos ? text.size() : end + (text[end] == quote ? 1 : 0);
    return end != npos;
  }
  // Only these know macros; in other values %{ means nothing.
  const bool macros = free_text || action.name == "setvar";
  const std::size_t end = macros ? end_of_text(text, begin, ",\"", false)
                                 : text.find_first_of(",\" \t\r\n", begin);
  at = std::min(end, text.size());
  action.value += trimmed(text.substr(begin, at - begin));
  return true;
}

}  // namespace

Actions read_actions(std::string_view text) {
  Actions out;
  std::size_t at = 0;
  while (true) {
    at = skip_blanks(text, at);
    out.length = at;
    if (at >= text.size() || text[at] == '\n' || text.substr(at).starts_with("\r\n")) {
      return out;
    }
    if (text[at] == '"') {
      out.closed = true;
      return out;
    }
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at),
                                      text.end(), is_word_byte);
    const auto length = static_cast<std::size_t>(end - text.begin()) - at;
    if (length == 0) {  // a comma, or what the library will refuse
      ++at;
      continue;
    }
    Action action{lower(text.substr(at, length)), "", at};
    at += length;
    if (at < text.size() && text[at] == ':' && !read_value(text, ++at, action)) {
      out.actions.push_back(std::move(action));
      out.length = text.size();
      return out;
    }
    out.actions.push_back(std::move(action));
  }
}

Operator read_operator(std::string_view text) {
  const OperatorParts parts = split_operator(text);
  Operator out;
  out.negated = parts.negated;
  out.implicit = parts.name.empty();
  out.name = out.implicit ? "rx" : lower(parts.name);
  out.argument_offset = std::min(parts.argument, text.size());
  out.argument = std::string(text.substr(out.argument_offset));
  out.macros = has_macro(out.argument);
  out.lacks_argument =
      !out.implicit && out.argument.empty() && !is_one_of(parts.name, kWithoutArgument);
  const std::size_t sign = skip_blanks(text, parts.at);
  if (out.implicit && sign < text.size() && text[sign] == '@') {
    Scanner name(text.substr(sign));
    name.take(1);
    out.unknown = "@" + std::string(name.take_word());
  }
  if (!out.implicit && parts.argument != npos) {
    out.ignored =
        std::string(text.substr(parts.name_end, parts.argument - 1 - parts.name_end));
  }
  return out;
}

std::size_t quoted_operator_length(std::string_view text) {
  const OperatorParts parts = split_operator(text);
  if (parts.argument == npos) return text.find('"', parts.name_end);
  return end_of_text(text, parts.argument, "\"", true);
}

std::size_t bare_operator_length(std::string_view text) {
  const OperatorParts parts = split_operator(text);
  const std::size_t from = parts.argument == npos ? parts.name_end : parts.argument;
  return std::min(end_of_text(text, from, " \r\n", false), text.size());
}

}  // namespace spoa::seclang
