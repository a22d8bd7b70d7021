#include "check.h"

#include <cstdio>

#include <fmt/format.h>

#include "spoa/exit_status.h"

namespace spoa::serve {

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
