// Directives the library or the daemon cannot have; operators the library would read as
// something else.
#include "checks.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

void check_directive(const Directive& directive, Report& report) {
  if (directive.is("SecRemoteRules")) {
    report.errors.push_back(at_directive(
        directive,
        "SecRemoteRules is refused: the library loads them without a time limit",
        "fetch the file by a job of your own, check it, and Include it"));
  } else if (directive.is("IncludeOptional")) {
    report.errors.push_back(at_directive(
        directive, "libmodsecurity has no IncludeOptional",
        "use Include with a wildcard that always matches a file, see docs/rules.md"));
  }
}

void check_operator(const Rule& rule, Report& report) {
  if (!rule.test) return;
  const Directive& directive = *rule.directive;
  const Operator& test = *rule.test;
  if (!test.unknown.empty()) {
    report.errors.push_back(at_argument(
        directive, directive.arguments[1], test.argument_offset,
        test.unknown + " is no operator here: the library takes it as a pattern",
        "correct its name and the blanks around it, or write @rx in front of a pattern "
        "that begins with @"));
  } else if (test.lacks_argument) {
    report.errors.push_back(at_argument(
        directive, directive.arguments[1], 0,
        "@" + test.name + " has no argument: the library takes what follows as one",
        "write it behind the operator's name and one space"));
  } else if (!test.ignored.empty()) {
    report.errors.push_back(at_argument(
        directive, directive.arguments[1], test.argument_offset,
        "the library reads @" + test.name + " here and drops \"" + test.ignored + "\"",
        "correct the operator's name; one space ends it"));
  }
}

// An update with any action but a disruptive one takes the rule's own verdict away.
void check_action_update(const Directive& directive, Report& report) {
  if (!directive.is("SecRuleUpdateActionById") || directive.arguments.size() < 2) return;
  bool run_time = false;
  for (const Action& action : read_actions(directive.arguments[1].text).actions) {
    if (is_disruptive(action.name)) return;
    run_time = run_time || action.name != "t";
  }
  if (!run_time) return;
  report.warnings.push_back(
      at_directive(directive,
                   "the library drops the verdict (deny, block, ...) of rule " +
                       directive.arguments[0].text + " with this update",
                   "name the verdict again among the actions"));
}

}  // namespace

void check_operators(const Document& document, const Rules& rules, Report& report) {
  for (const Directive& directive : document.directives) {
    check_directive(directive, report);
    check_action_update(directive, report);
  }
  for (const Rule& rule : rules) check_operator(rule, report);
}

}  // namespace spoa::seclang
