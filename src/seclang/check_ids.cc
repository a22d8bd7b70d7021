// Rules without an id, ids used twice, chains that lead nowhere.
#include <unordered_map>

#include "checks.h"

namespace spoa::seclang {

namespace {

constexpr auto kOwnIds = "give it one of its own; 1 to 99999 are yours";

void check_id(const Rule& rule, Report& report) {
  if (rule.id != 0 || rule.chained) return;
  report.errors.push_back(
      at_directive(*rule.directive, rule.directive->name + " without an id", kOwnIds));
}

void check_chain_end(const Rule& last, Report& report) {
  report.errors.push_back(at_directive(
      *last.directive, name_of(last) + " ends in chain, but no SecRule follows",
      "remove chain, or add the rule that was to follow"));
}

}  // namespace

void check_ids(const Document& /*document*/, const Rules& rules, Report& report) {
  std::unordered_map<std::int64_t, const Directive*> first;
  const Rule* last = nullptr;
  for (const Rule& rule : rules) {
    if (rule.directive->is("SecRule")) last = &rule;
    check_id(rule, report);
    if (rule.id == 0 || rule.chained) continue;
    const auto [before, fresh] = first.emplace(rule.id, rule.directive);
    if (fresh) continue;
    const Directive& other = *before->second;
    report.errors.push_back(at_directive(*rule.directive,
                                         "the id " + std::to_string(rule.id) +
                                             " is used already, at " + other.file + ":" +
                                             std::to_string(other.place.line),
                                         kOwnIds));
  }
  if (last != nullptr && last->chain) check_chain_end(*last, report);
}

}  // namespace spoa::seclang
