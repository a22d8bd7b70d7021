// One generation of the rules: what a start or a successful reload brings.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/ruleset.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::serve {

struct Application {
  std::string name;
  Policy policy;
  std::shared_ptr<const inspect::Profile> profile;
};

/// Immutable; lives until its last transaction has ended. Any thread.
struct Generation {
  std::uint64_t number = 0;  ///< 1 at start, +1 per successful reload
  std::vector<Application> applications;
  std::size_t default_index = 0;
  std::size_t rule_count = 0;  ///< of all applications; those that share files count once
  std::chrono::microseconds load_time{0};
  std::vector<Problem> warnings;  ///< what loads, yet is probably not meant

  [[nodiscard]] const Application& default_application() const {
    return applications[default_index];
  }
  /// nullptr: no such application.
  [[nodiscard]] const Application* find(std::string_view name) const noexcept;
};

/// Checks and loads the rules of all applications; takes a moment, and the library's load
/// lock. Applications with the same files share one rule set. Errors: all that was found.
/// `warnings` come before its own.
Result<std::unique_ptr<const Generation>, std::vector<Problem>> load_generation(
    const Settings& settings, std::uint64_t number, std::vector<Problem> warnings);

}  // namespace spoa::serve
