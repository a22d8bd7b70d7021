// Regular expressions. One that does not compile loads without a word and never matches.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <cstdint>
#include <memory>

#include "checks.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};

struct PatternError {
  std::string text;  // empty: it compiles
  std::size_t offset = 0;
};

// As the library compiles it. Its selectors ignore case, its operators do not.
PatternError compile(const std::string& pattern, bool ignore_case) {
  const std::uint32_t options =
      PCRE2_DOTALL | PCRE2_MULTILINE | (ignore_case ? PCRE2_CASELESS : 0U);
  int error = 0;
  PCRE2_SIZE offset = 0;
  const auto* bytes = reinterpret_cast<PCRE2_SPTR>(pattern.c_str());
  const std::unique_ptr<pcre2_code, Free> code(
      pcre2_compile(bytes, pattern.size(), options, &error, &offset, nullptr));
  if (code != nullptr) return {};
  std::array<PCRE2_UCHAR, 256> message{};
  pcre2_get_error_message(error, message.data(), message.size());
  return {reinterpret_cast<const char*>(message.data()), offset};
}

bool takes_pattern(const Operator& test) {
  return test.name == "rx" || test.name == "rxglobal" || test.name == "verifycc" ||
         test.name == "verifycpf" || test.name == "verifyssn" ||
         test.name == "verifysvnr";
}

void check_operator_pattern(const Rule& rule, Report& report) {
  if (!rule.test || rule.test->macros || !takes_pattern(*rule.test)) return;
  const Operator& test = *rule.test;
  const PatternError error = compile(test.argument, false);
  if (error.text.empty()) return;
  report.errors.push_back(at_argument(
      *rule.directive, rule.directive->arguments[1], test.argument_offset + error.offset,
      "the pattern of " + name_of(rule) +
          " does not compile, so it would never match: " + error.text,
      "correct the pattern; it is PCRE2, with (?i) for any case"));
}

void check_selectors(const Directive& directive, const Argument& list, Report& report) {
  for (const Variable& variable : read_variables(list.text)) {
    if (variable.looks_regex) {
      report.errors.push_back(at_argument(
          directive, list, variable.offset,
          "the library takes " + variable.selector + " as a name, not as a pattern",
          "a selector's pattern cannot hold =, a blank, or outside of '/.../' a |"));
    }
    if (!variable.regex) continue;
    const PatternError error = compile(variable.selector, true);
    if (error.text.empty()) continue;
    report.errors.push_back(
        at_argument(directive, list, variable.offset + error.offset,
                    "the pattern that selects from " + variable.name +
                        " does not compile, so it would never match: " + error.text,
                    "correct the pattern; it is PCRE2, any case matches"));
  }
}

// With a pattern that does not compile, the library crashes at the first request.
void check_relevant_status(const Directive& directive, Report& report) {
  if (!directive.is("SecAuditLogRelevantStatus") || directive.arguments.empty()) return;
  const Argument& pattern = directive.arguments.front();
  const PatternError error = compile(pattern.text, false);
  if (error.text.empty()) return;
  report.errors.push_back(at_argument(
      directive, pattern, error.offset,
      "the pattern of SecAuditLogRelevantStatus does not compile: " + error.text,
      "correct the pattern; it is PCRE2, such as ^(?:5|4(?!04))"));
}

// `ctl:ruleRemoveTargetById=1;ARGS:/re/`: compared letter by letter with `ARGS:name`.
void check_ctl_targets(const Rule& rule, Report& report) {
  for (const Action& action : rule.actions) {
    if (action.name != "ctl" || !lower(action.value).starts_with("ruleremovetarget"))
      continue;
    const std::size_t slash = action.value.find(":/");
    if (slash == std::string::npos || action.value.find(";XML:") != std::string::npos)
      continue;
    report.warnings.push_back(at_argument(
        *rule.directive, *rule.action_text, action.offset,
        "this exclusion does nothing: the library knows no patterns in ctl",
        "name each argument, or use SecRuleUpdateTargetById with the pattern"));
  }
}

}  // namespace

void check_patterns(const Document& document, const Rules& rules, Report& report) {
  for (const Rule& rule : rules) {
    check_operator_pattern(rule, report);
    check_ctl_targets(rule, report);
  }
  for (const Directive& directive : document.directives) {
    check_relevant_status(directive, report);
  }
  for_each_variable_list(document, [&](const Directive& directive, const Argument& list) {
    check_selectors(directive, list, report);
  });
}

}  // namespace spoa::seclang
