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

/// Reads settings from text. `file` names them in problems, and its folder is where their
/// relative paths start. Any bytes are safe to give; the file system is only asked
/// whether rules files can be read.
///
/// Errors: every mistake (the first hundred), in the order of the file. A problem with an
/// empty file name lies in the flags.
Result<Settings, std::vector<Problem>> read_settings(std::string_view yaml,
                                                     const std::string& file,
                                                     const FlagValues& flags = {});

/// The same for a file on disk.
Result<Settings, std::vector<Problem>> read_settings_file(const std::string& file,
                                                          const FlagValues& flags = {});

/// Settings without a file: one application named `default` with these rules, unless the
/// flags give others.
Result<Settings, std::vector<Problem>> built_in_settings(const std::string& rules_file,
                                                         const FlagValues& flags = {});

}  // namespace spoa::settings
