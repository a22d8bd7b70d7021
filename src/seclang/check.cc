#include "check.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "checks.h"

namespace spoa::seclang {

namespace {

void sort_by_place(std::vector<Problem>& problems,
                   const std::map<std::string, std::size_t>& file_order) {
  const auto key = [&](const Problem& problem) {
    const auto file = file_order.find(problem.file);
    return std::tuple(file == file_order.end() ? 0 : file->second, problem.line,
                      problem.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
}

}  // namespace

Problem at_argument(const Directive& directive, const Argument& argument,
                    std::size_t offset, std::string text, std::string remedy) {
  const Place place = place_in(argument, offset);
  return {directive.file, place.line, place.column, std::move(text), std::move(remedy)};
}

Problem at_directive(const Directive& directive, std::string text, std::string remedy) {
  return {directive.file, directive.place.line, directive.place.column, std::move(text),
          std::move(remedy)};
}

std::string name_of(const Rule& rule) {
  if (rule.id != 0) return "rule " + std::to_string(rule.id);
  return rule.chained ? "a chained rule" : "a rule";
}

Report check(const Document& document) {
  Report report{document.problems, document.warnings};
  const Rules rules = rules_of(document);
  check_ids(document, rules, report);
  check_operators(document, rules, report);
  check_arguments(document, rules, report);
  check_patterns(document, rules, report);
  check_files(document, rules, report);
  check_settings(document, rules, report);

  std::map<std::string, std::size_t> file_order;
  for (const Directive& directive : document.directives) {
    file_order.try_emplace(directive.file, file_order.size() + 1);
  }
  sort_by_place(report.errors, file_order);
  sort_by_place(report.warnings, file_order);
  return report;
}

}  // namespace spoa::seclang
