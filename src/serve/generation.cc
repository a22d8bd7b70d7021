#include "generation.h"

#include <algorithm>
#include <map>

#include "seclang/check.h"
#include "seclang/drops.h"
#include "seclang/library_error.h"
#include "seclang/log_files.h"
#include "seclang/reader.h"
#include "seclang/rule.h"
#include "seclang/tags.h"

namespace spoa::serve {
namespace {

using Loaded = Result<std::shared_ptr<const inspect::RuleSet>, std::vector<Problem>>;

std::size_t count_rules(const seclang::Document& document) {
  const auto rules = seclang::rules_of(document);
  return static_cast<std::size_t>(
      std::count_if(rules.begin(), rules.end(),
                    [](const seclang::Rule& rule) { return !rule.chained; }));
}

void append_new(std::vector<Problem>& all, const std::vector<Problem>& more) {
  for (const Problem& problem : more) {
    if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
  }
}

/// Our own look at the files first: the library swallows too much. It has the last word.
Loaded load_rules(const std::vector<std::string>& files, Generation& generation) {
  const seclang::Document document = seclang::read_rules(files);
  seclang::Report report = seclang::check(document);
  append_new(generation.warnings, report.warnings);
  generation.rule_count += count_rules(document);
  if (!report.errors.empty()) return std::move(report.errors);
  auto rules = inspect::RuleSet::load(
      files, {seclang::ids_that_drop(document), seclang::tags_by_id(document)});
  if (!rules) {
    return std::vector{
        seclang::from_library_error(rules.error().text, rules.error().file, document)};
  }
  return std::move(*rules);
}

}  // namespace

const Application* Generation::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(applications.begin(), applications.end(),
                   [&](const Application& app) { return app.name == name; });
  return found == applications.end() ? nullptr : &*found;
}

Result<std::unique_ptr<const Generation>, std::vector<Problem>> load_generation(
    const Settings& settings, std::uint64_t number) {
  const auto start = std::chrono::steady_clock::now();
  auto generation = std::make_unique<Generation>();
  generation->number = number;
  std::vector<Problem> errors;
  std::map<std::vector<std::string>, std::shared_ptr<const inspect::RuleSet>> loaded;
  for (const ApplicationSettings& app : settings.applications) {
    auto [entry, is_new] = loaded.try_emplace(app.rules);
    if (is_new) {
      auto rules = load_rules(app.rules, *generation);
      if (rules) {
        entry->second = std::move(*rules);
      } else {
        append_new(errors, rules.error());
      }
    }
    if (app.name == settings.default_application) {
      generation->default_index = generation->applications.size();
    }
    generation->applications.push_back(
        {app.name, app.policy,
         std::make_shared<const inspect::Profile>(inspect::Profile{
             app.name, entry->second, app.bodies, app.responses, app.limits})});
  }
  if (!errors.empty()) return errors;
  generation->load_time = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  return std::unique_ptr<const Generation>(std::move(generation));
}

}  // namespace spoa::serve
