// What loads and works, but perhaps not as its author hopes.
#include <array>
#include <utility>

#include "checks.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto kPersistent = std::to_array<std::string_view>(
    {"ip.", "ip:", "global.", "global:", "session.", "session:", "user.",
     "user:", "resource.", "resource:"});

constexpr auto kStickTables =
    "each worker has a count of its own: count in HAProxy's stick tables, and deny there";

std::string file_of(const Document& document) {
  return document.files.empty() ? "" : document.files.front();
}

void check_any_rule(const Document& document, const Rules& rules, Report& report) {
  // What could not be read may have held some.
  if (!rules.empty() || !document.problems.empty()) return;
  report.warnings.push_back({file_of(document), 0, 0,
                             "no rule is loaded: nothing is inspected",
                             "Include rules: main.conf and baseline.conf do"});
}

void check_engine(const Document& document, const Rules& rules, Report& report) {
  const Directive* engine = nullptr;
  for (const Directive& directive : document.directives) {
    if (directive.is("SecRuleEngine")) engine = &directive;
  }
  if (engine == nullptr) {
    if (rules.empty() && !document.problems.empty()) return;
    Problem warning{
        file_of(document), 0, 0,
        "SecRuleEngine is never set: rules are evaluated, but nothing is blocked",
        "set SecRuleEngine On; engine.conf does"};
    if (!rules.empty()) {
      warning = at_directive(*rules.front().directive, std::move(warning.text),
                             std::move(warning.remedy));
    }
    report.warnings.push_back(std::move(warning));
    return;
  }
  if (engine->arguments.empty()) return;
  const std::string value = lower(engine->arguments.front().text);
  if (value == "detectiononly") {
    report.warnings.push_back(
        at_directive(*engine, "SecRuleEngine DetectionOnly reports, but never blocks",
                     "set it to On when the reports are as they should be"));
  } else if (value == "off") {
    report.warnings.push_back(at_directive(*engine,
                                           "SecRuleEngine Off: no rule is evaluated",
                                           "set it to On or DetectionOnly"));
  }
}

void check_pcre_limits(const Document& document, Report& report) {
  for (const Directive& directive : document.directives) {
    if (!directive.is("SecPcreMatchLimit") &&
        !directive.is("SecPcreMatchLimitRecursion")) {
      continue;
    }
    report.warnings.push_back(at_directive(
        directive, directive.name + " is ignored before libmodsecurity 3.0.10",
        "rely on processing-timeout, which bounds every request"));
    return;
  }
}

// Ids the Core Rule Set keeps for itself: its own counting is dormant until it is set up.
bool is_core_rule(const Rule& rule) { return rule.id >= 900000 && rule.id <= 999999; }

bool writes_persistent(const Action& action) {
  if (action.name != "setvar") return false;
  std::string target = lower(action.value);
  if (target.starts_with('!')) target.erase(0, 1);
  for (const std::string_view collection : kPersistent) {
    if (target.starts_with(collection)) return true;
  }
  return false;
}

bool sets_dos_protection(const Action& action) {
  const std::string value = lower(action.value);
  return action.name == "setvar" && (value.starts_with("tx.dos_burst_time_slice=") ||
                                     value.starts_with("tx.dos_counter_threshold="));
}

void check_counting(const Rules& rules, Report& report) {
  bool core_rules = false;
  for (const Rule& rule : rules) core_rules = core_rules || rule.id == 912100;
  bool told = false;
  bool told_dos = false;
  bool in_core = false;
  for (const Rule& rule : rules) {
    in_core = rule.chained ? in_core : is_core_rule(rule);
    for (const Action& action : rule.actions) {
      if (!told && !in_core && writes_persistent(action)) {
        told = true;
        report.warnings.push_back(
            at_argument(*rule.directive, *rule.action_text, action.offset,
                        name_of(rule) + " keeps a value between requests", kStickTables));
      } else if (!told_dos && core_rules && sets_dos_protection(action)) {
        told_dos = true;
        report.warnings.push_back(at_argument(
            *rule.directive, *rule.action_text, action.offset,
            "the Core Rule Set's DoS protection counts between requests", kStickTables));
      }
    }
  }
}

}  // namespace

void check_settings(const Document& document, const Rules& rules, Report& report) {
  check_any_rule(document, rules, report);
  check_engine(document, rules, report);
  check_pcre_limits(document, report);
  check_counting(rules, report);
}

}  // namespace spoa::seclang
