// Arguments on which libmodsecurity 3.0.9 writes where it must not, or ends the process.
#include <algorithm>

#include "checks.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto npos = std::string_view::npos;

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == npos;
}

// A number in decimal digits up to `most`, of any length: -1 when it is none, or above.
int to_number(std::string_view digits, int most) {
  if (!is_number(digits)) return -1;
  int number = 0;
  for (const char digit : digits) {
    number = number * 10 + (digit - '0');
    if (number > most) return -1;
  }
  return number;
}

// `9`, or `32-126`. The library knows no macros here.
bool is_byte_range(std::string_view part) {
  const std::size_t dash = part.find('-');
  const int low = to_number(without_blanks(part.substr(0, dash)), 255);
  if (dash == npos) return low >= 0;
  const int high = to_number(without_blanks(part.substr(dash + 1)), 255);
  return low >= 0 && low <= high;
}

void check_byte_ranges(const Rule& rule, Report& report) {
  if (!rule.test || rule.test->name != "validatebyterange") return;
  const std::string_view list = rule.test->argument;
  if (list.empty()) return;  // reported as a missing argument
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view part = list.substr(at, end - at);
    if (!is_byte_range(part)) {
      report.errors.push_back(at_argument(
          *rule.directive, rule.directive->arguments[1], rule.test->argument_offset + at,
          "\"" + std::string(part) +
              "\" is no range of bytes: the library drops it, or writes "
              "outside of its table and crashes",
          "list numbers from 0 to 255 and ranges LOW-HIGH, such as 9,10,13,32-126"));
    }
    at = end + 1;
  }
}

// A phase beyond the range of int ends up as phase -1, in front of the library's table.
void check_phases(const Directive& directive, Report& report) {
  const bool has_actions = directive.is("SecRule") || directive.is("SecAction") ||
                           directive.is("SecDefaultAction") ||
                           directive.is("SecRuleScript") ||
                           directive.is("SecRuleUpdateActionById");
  const std::size_t actions_at = directive.is("SecRule") ? 2 : 0;
  if (!has_actions || directive.arguments.size() <= actions_at) return;
  const Argument& list = directive.arguments.back();
  for (const Action& action : read_actions(list.text).actions) {
    if (action.name != "phase" || !is_number(action.value)) continue;
    if (to_number(action.value, 5) >= 0) continue;
    report.errors.push_back(at_argument(directive, list, action.offset,
                                        "there is no phase " + action.value,
                                        "name a phase from 1 to 5"));
  }
}

}  // namespace

void check_arguments(const Document& document, const Rules& rules, Report& report) {
  for (const Rule& rule : rules) check_byte_ranges(rule, report);
  for (const Directive& directive : document.directives) check_phases(directive, report);
}

}  // namespace spoa::seclang
