// What the program was started for: the one entry of this folder for `serve`.
#pragma once

#include <string>
#include <vector>

#include "command_line.h"
#include "spoa/bench_settings.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::settings {

/// Where this build looks for files that nobody named.
struct Installation {
  std::string settings_file;
  std::string rules_file;
  std::string source_rules_file;  ///< used when rules_file is not installed
};
Installation installation();

struct Invocation {
  Command command = Command::kRun;
  std::string text;           ///< kHelp: to print on standard output
  Settings settings;          ///< kRun and kCheck: whole and checked
  BenchSettings bench;        ///< kBench: the same
  std::string settings_file;  ///< the file they came from; empty: built-in defaults
  FlagValues flags;           ///< what took precedence over it
  std::string rules_file;     ///< the rules without settings file and --rules
};

struct InvocationError {
  int exit_status;   ///< kExitUsage or kExitSettings
  std::string text;  ///< `problems` for standard error; ends with a line break
  std::vector<Problem> problems;
  /// kExitSettings: what could be read. Look for mistakes in the rules of its
  /// applications and show them together with `problems`; never run it. See Reading.
  Settings partial;
};

/// Reads the command line and the settings it leads to. Opens nothing, starts nothing.
Result<Invocation, InvocationError> read_invocation(
    int argc, const char* const* argv, const Installation& where = installation());

/// Reads the settings anew, from the same file under the same flags, for a reload. Where
/// the first reading found no settings file, none is looked for. Any thread.
Reading read_again(const Invocation& invocation);
/// The same for those who have no use for wrong settings.
Result<Settings, std::vector<Problem>> reread(const Invocation& invocation);

}  // namespace spoa::settings
