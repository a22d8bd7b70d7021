#include "invocation.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bench_flags.h"
#include "spoa/exit_status.h"

namespace spoa::settings {
namespace {

bool exists(const std::string& file) {
  std::error_code error;
  return std::filesystem::exists(file, error);
}

/// A mistake without a file lies in the flags; one of a file outweighs it.
int exit_status_of(const std::vector<Problem>& problems) {
  const bool flags_only = std::all_of(problems.begin(), problems.end(),
                                      [](const Problem& p) { return p.file.empty(); });
  return flags_only ? kExitUsage : kExitSettings;
}

InvocationError error_of(Reading reading) {
  const int exit_status = exit_status_of(reading.problems);
  std::string text = to_text(reading.problems, "nothing was started");
  return {exit_status, std::move(text), std::move(reading.problems),
          std::move(reading.settings)};
}

}  // namespace

Installation installation() {
  return {std::string(kSettingsFile), SPOA_DEFAULT_RULES, SPOA_SOURCE_RULES};
}

Result<Invocation, InvocationError> read_invocation(int argc, const char* const* argv,
                                                    const Installation& where) {
  auto line = read_command_line({argv + std::min(argc, 1), argv + argc});
  if (!line) return error_of({{}, line.error()});

  Invocation invocation;
  invocation.command = line->command;
  if (line->command == Command::kHelp) {
    invocation.text = line->about != nullptr ? help_text(*line->about) : help_text();
    return invocation;
  }
  if (line->command == Command::kVersion) return invocation;
  if (line->command == Command::kBench) {
    auto bench = read_bench(line->flags);
    if (!bench) return error_of({{}, bench.error()});
    invocation.bench = std::move(*bench);
    return invocation;
  }

  const bool packaged = !line->has_rules() && exists(where.settings_file);
  invocation.settings_file = line->config;
  if (line->config.empty() && packaged) invocation.settings_file = where.settings_file;
  invocation.rules_file = where.rules_file;
  if (!exists(where.rules_file) && exists(where.source_rules_file)) {
    invocation.rules_file = where.source_rules_file;
  }
  invocation.flags = std::move(line->flags);
  Reading reading = read_again(invocation);
  if (!reading.problems.empty()) return error_of(std::move(reading));
  invocation.settings = std::move(reading.settings);
  return invocation;
}

Reading read_again(const Invocation& invocation) {
  return invocation.settings_file.empty()
             ? built_in_settings(invocation.rules_file, invocation.flags)
             : read_settings_file(invocation.settings_file, invocation.flags);
}

Result<Settings, std::vector<Problem>> reread(const Invocation& invocation) {
  return whole(read_again(invocation));
}

}  // namespace spoa::settings
