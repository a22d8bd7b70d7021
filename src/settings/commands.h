// The commands of the program and their flags: --help and the man page follow this table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table.h"

namespace spoa::settings {

enum class Command : std::uint8_t { kRun, kCheck, kBench, kHelp, kVersion };

struct CommandInfo {
  Command command;
  std::string_view name;
  std::string_view usage;                      ///< what may follow the name
  std::string_view summary;                    ///< one line
  std::string_view details;                    ///< plain sentences
  std::span<const std::string_view> flags;     ///< of settings; empty: all there are
  std::span<const std::string_view> examples;  ///< command line, meaning, ...
  std::span<const Setting> own{};  ///< flags of its own: it reads no settings then

  [[nodiscard]] bool reads_settings() const noexcept { return own.empty(); }
};

/// The first one is the default.
std::span<const CommandInfo> commands() noexcept;

/// The rows that the command takes as flags: of the settings, or its own.
std::vector<const Setting*> flags_of(const CommandInfo& command);

/// The flag that names the settings file; it is no setting itself.
inline constexpr std::string_view kConfigFlag = "--config";
inline constexpr std::string_view kSettingsFile =
    "/etc/spoa-modsecurity/spoa-modsecurity.yaml";

/// The value's name after a flag: ADDR, N, allow|deny, ...
std::string value_name(const Setting& setting);

/// `spoa-modsecurity --help`. Ends with a line break; lines fit 80 columns.
std::string help_text();
/// `spoa-modsecurity COMMAND --help`.
std::string help_text(const CommandInfo& command);

/// Breaks text at spaces into lines of at most `width` columns, each indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 79);

}  // namespace spoa::settings
