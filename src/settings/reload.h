// What of new settings a reload takes in, and what has to wait for a restart. Pure
// functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "spoa/settings.h"

namespace spoa::settings {

/// A setting that a reload does not take in, and whose value differs from the one in
/// force. Values as they are written; of `listen`, each item with what it says.
struct NeedsRestart {
  std::string setting;
  std::string in_force;
  std::string wanted;
};
std::vector<NeedsRestart> needs_restart(const Settings& in_force, const Settings& wanted);

/// What is in force after a reload: of `wanted` what a reload takes in, the rest as it
/// was.
Settings taken_in(Settings in_force, const Settings& wanted);

/// The item of `wanted` for the listener that item `index` of `in_force` opened: the one
/// with its address, of several the one in the same order. Nothing: there is none.
std::optional<std::size_t> same_listener(const std::vector<Listen>& in_force,
                                         std::size_t index,
                                         const std::vector<Listen>& wanted);

}  // namespace spoa::settings
