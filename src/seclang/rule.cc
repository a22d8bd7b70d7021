#include "rule.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto kDisruptive = std::to_array<std::string_view>(
    {"allow", "block", "deny", "drop", "pass", "proxy", "redirect"});

Rule to_rule(const Directive& directive) {
  Rule rule;
  rule.directive = &directive;
  const auto& arguments = directive.arguments;
  std::size_t actions_at = arguments.size() - std::min<std::size_t>(arguments.size(), 1);
  if (directive.is("SecRule")) {
    if (!arguments.empty()) rule.variables = read_variables(arguments[0].text);
    if (arguments.size() > 1) rule.test = read_operator(arguments[1].text);
    actions_at = 2;
  }
  if (actions_at < arguments.size()) {
    rule.action_text = &arguments[actions_at];
    rule.actions = read_actions(rule.action_text->text).actions;
  }
  if (const Action* id = find_action(rule.actions, "id")) rule.id = to_id(id->value);
  rule.phase = phase_of(rule.actions);
  rule.chain = find_action(rule.actions, "chain") != nullptr;
  return rule;
}

}  // namespace

std::vector<Rule> rules_of(const Document& document) {
  std::vector<Rule> rules;
  const Rule* last = nullptr;  // the last SecRule: an action between does not end a chain
  rules.reserve(document.directives.size());
  for (const Directive& directive : document.directives) {
    const bool test = directive.is("SecRule");
    if (!test && !directive.is("SecAction") && !directive.is("SecRuleScript")) continue;
    Rule rule = to_rule(directive);
    if (test && last != nullptr && last->chain) {
      rule.chained = true;
      rule.phase = last->phase;
    }
    rules.push_back(std::move(rule));
    if (test) last = &rules.back();
  }
  return rules;
}

const Action* find_action(const std::vector<Action>& actions, std::string_view name) {
  const auto found =
      std::find_if(actions.rbegin(), actions.rend(),
                   [&](const Action& action) { return action.name == name; });
  return found == actions.rend() ? nullptr : &*found;
}

bool is_disruptive(std::string_view action) {
  return std::find(kDisruptive.begin(), kDisruptive.end(), action) != kDisruptive.end();
}

int phase_of(const std::vector<Action>& actions) {
  const Action* phase = find_action(actions, "phase");
  if (phase == nullptr) return 1;
  if (equal_ignoring_case(phase->value, "request")) return 2;
  if (equal_ignoring_case(phase->value, "response")) return 4;
  if (equal_ignoring_case(phase->value, "logging")) return 5;
  return static_cast<int>(to_id(phase->value));
}

std::int64_t to_id(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace spoa::seclang
