#include "drops.h"

#include <array>
#include <string_view>
#include <unordered_map>

#include "rule.h"

namespace spoa::seclang {

namespace {

constexpr std::size_t kPhases = 6;

// The verdict a list of actions ends with, or "".
std::string_view verdict_of(const std::vector<Action>& actions) {
  std::string_view verdict;
  for (const Action& action : actions) {
    if (is_disruptive(action.name)) verdict = action.name;
  }
  return verdict;
}

bool is_phase(int phase) { return phase >= 1 && phase < static_cast<int>(kPhases); }

// Default actions count for every rule of their phase, wherever they stand.
std::array<bool, kPhases> phases_that_drop(const Document& document) {
  std::array<bool, kPhases> drop{};
  for (const Directive& directive : document.directives) {
    if (!directive.is("SecDefaultAction") || directive.arguments.empty()) continue;
    const auto actions = read_actions(directive.arguments.back().text).actions;
    const int phase = phase_of(actions);
    if (is_phase(phase))
      drop.at(static_cast<std::size_t>(phase)) = verdict_of(actions) == "drop";
  }
  return drop;
}

// What SecRuleUpdateActionById puts in the place of a rule's own verdict.
std::unordered_map<std::int64_t, std::vector<Action>> updates_of(
    const Document& document) {
  std::unordered_map<std::int64_t, std::vector<Action>> updates;
  for (const Directive& directive : document.directives) {
    if (!directive.is("SecRuleUpdateActionById") || directive.arguments.size() < 2)
      continue;
    const auto actions = read_actions(directive.arguments[1].text).actions;
    auto& all = updates[to_id(directive.arguments[0].text)];
    all.insert(all.end(), actions.begin(), actions.end());
  }
  return updates;
}

}  // namespace

std::unordered_set<std::int64_t> ids_that_drop(const Document& document) {
  const auto by_default = phases_that_drop(document);
  const auto updates = updates_of(document);
  std::unordered_set<std::int64_t> ids;
  for (const Rule& rule : rules_of(document)) {
    if (rule.chained || rule.id == 0) continue;
    std::string_view verdict = verdict_of(rule.actions);
    if (const auto update = updates.find(rule.id); update != updates.end()) {
      verdict = verdict_of(update->second);
    }
    const bool blocks = verdict == "block" && is_phase(rule.phase);
    if (verdict == "drop" ||
        (blocks && by_default.at(static_cast<std::size_t>(rule.phase)))) {
      ids.insert(rule.id);
    }
  }
  return ids;
}

}  // namespace spoa::seclang
