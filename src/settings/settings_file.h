// Reads the settings: defaults, then the file, then the flags, then checks across them.
// No thread of its own; nothing here is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spoa/result.h"
#include "spoa/settings.h"
#include "table.h"

namespace spoa::settings {

/// One flag that takes precedence over the file. Its values are already known to be good.
struct FlagValue {
  const Setting* setting = nullptr;
  std::vector<std::string> values;  ///< one, but for the lists
};
using FlagValues = std::vector<FlagValue>;

/// What reading came to. Without problems the settings are whole and checked. With
/// problems they are never to be run: they hold what could be read, so that a caller can
/// look for further mistakes. Of `applications` those are left whose rules files exist
/// and can be read, with these files alone; there may be none.
struct Reading {
  Settings settings;
  /// Every mistake (the first hundred), in the order of the file. One with an empty file
  /// name lies in the flags.
  std::vector<Problem> problems;
};

/// The settings, or the problems when there are any.
Result<Settings, std::vector<Problem>> whole(Reading reading);

/// Reads settings from a file, which must be a regular one; never blocks on another. Its
/// folder is where the relative paths in it start.
Reading read_settings_file(const std::string& file, const FlagValues& flags = {});

/// Settings without a file: one application named `default` with these rules, unless the
/// flags give others.
Reading built_in_settings(const std::string& rules_file, const FlagValues& flags = {});

/// Reads settings from text, as if it were in `file`. Any bytes are safe to give; the
/// system is only asked whether the files they name can be read, and groups exist.
Result<Settings, std::vector<Problem>> read_settings(std::string_view yaml,
                                                     const std::string& file,
                                                     const FlagValues& flags = {});

}  // namespace spoa::settings
