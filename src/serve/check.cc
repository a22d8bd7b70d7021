#include "check.h"

#include <cstdio>

#include <fmt/format.h>

#include "inspect/engine.h"
#include "spoa/exit_status.h"

namespace spoa::serve {

bool library_fits() { return inspect::library_version() == inspect::header_version(); }

std::shared_ptr<const Generation> load_or_complain(const Settings& settings) {
  auto generation = load_generation(settings, 1);
  if (generation) return std::move(*generation);
  for (const Problem& problem : generation.error())
    fmt::print(stderr, "{}", to_text(problem));
  const std::size_t count = generation.error().size();
  fmt::print(stderr, "{} {}; nothing was started\n", count,
             count == 1 ? "error" : "errors");
  return nullptr;
}

int refuse(const settings::InvocationError& error) {
  std::string text = error.text;
  if (error.exit_status == kExitSettings && library_fits()) {
    std::vector<Problem> problems = error.problems;
    const auto rules = load_generation(error.partial, 1);
    if (!rules) {
      problems.insert(problems.end(), rules.error().begin(), rules.error().end());
    }
    text = to_text(problems, "nothing was started");
  }
  fmt::print(stderr, "{}", text);
  return error.exit_status;
}

int check(const settings::Invocation& invocation) {
  const auto generation = load_or_complain(invocation.settings);
  if (!generation) return kExitSettings;
  for (const Problem& problem : generation->warnings) {
    fmt::print("warning: {}", to_text(problem));
  }
  fmt::print(
      "{}: good; {} applications, {} rules, {} warnings\n",
      invocation.settings_file.empty() ? "built-in settings" : invocation.settings_file,
      generation->applications.size(), generation->rule_count,
      generation->warnings.size());
  return kExitDone;
}

}  // namespace spoa::serve
