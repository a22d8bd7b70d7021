// Reads the command line. Only this unit uses CLI11.
#pragma once

#include <string>
#include <vector>

#include "commands.h"
#include "settings_file.h"
#include "spoa/result.h"

namespace spoa::settings {

struct CommandLine {
  Command command = Command::kRun;
  const CommandInfo* about = nullptr;  ///< kHelp: of this command; null: of all
  std::string config;                  ///< --config; empty: not given
  FlagValues flags;                    ///< in the table's order; every value is good

  [[nodiscard]] bool has_rules() const;
};

/// `arguments` without the program's name. Errors: every mistake, without a file name.
Result<CommandLine, std::vector<Problem>> read_command_line(
    const std::vector<std::string>& arguments);

}  // namespace spoa::settings
