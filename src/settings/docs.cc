#include "docs.h"

#include <algorithm>

#include <fmt/format.h>

#include "commands.h"
#include "table.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kBegin = "<!-- settings: begin -->";
constexpr std::string_view kEnd = "<!-- settings: end -->";
constexpr std::string_view kSettings = "@settings@";
constexpr std::string_view kFlags = "@flags ";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string key_text(const Setting& setting) {
  return setting.of_listen() ? replaced(std::string(setting.key), ".*", "[]")
                             : replaced(std::string(setting.key), "*", "NAME");
}

std::string default_text(const Setting& setting) {
  return setting.fallback == "-" ? "\"-\"" : std::string(setting.fallback);
}

std::string markdown_table() {
  std::string text =
      "| setting | default | allowed | flag | takes a | what it does "
      "|\n|---|---|---|---|---|---|\n";
  for (const Setting& setting : table()) {
    const auto code = [](const std::string& word) {
      return word.empty() ? word : '`' + word + '`';
    };
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(key_text(setting)),
                        code(default_text(setting)), allowed(setting),
                        code(std::string(setting.flag)),
                        setting.is_taken_in() ? "reload" : "restart", setting.help);
  }
  return text;
}

/// Each sentence on a line of its own, as mdoc wants it.
std::string sentences(std::string_view text) {
  return replaced(std::string(text), ". ", ".\n");
}

std::string values_text(const Setting& setting) {
  if (setting.kind == Kind::kSwitch) return {};
  std::string text = fmt::format("Allowed: {}.\n", allowed(setting));
  if (!setting.fallback.empty())
    text += fmt::format("Default: {}.\n", default_text(setting));
  return text;
}

std::string mdoc_settings() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Setting& setting : table()) {
    text += fmt::format(
        ".It Cm {}\n{}\n{}{}\n", key_text(setting), sentences(setting.help),
        values_text(setting),
        setting.is_taken_in() ? "A reload takes it in." : "A change needs a restart.");
  }
  return text + ".El\n";
}

std::string mdoc_flags(const CommandInfo& command) {
  std::string text = ".Bl -tag -width Ds\n";
  if (command.reads_settings()) {
    text += fmt::format(
        ".It Fl -config Ar FILE\nThe settings file.\n"
        "Default:\n.Pa {} ,\nif it exists and no rules are given.\n",
        kSettingsFile);
  }
  for (const Setting* setting : flags_of(command)) {
    const std::string value = value_name(*setting);
    text += fmt::format(".It Fl {}{}{}\n{}\n{}", setting->flag.substr(1),
                        value.empty() ? "" : " Ar ", value, sentences(setting->help),
                        values_text(*setting));
    if (setting->is_list()) text += "May be repeated.\n";
  }
  return text + ".El\n";
}

const CommandInfo* command_named(std::string_view name) {
  const auto all = commands();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const CommandInfo& info) { return info.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Result<std::string, const char*> filled(std::string_view document) {
  std::string text;
  bool dropping = false;
  while (!document.empty()) {
    const std::string_view line = document.substr(0, document.find('\n'));
    document.remove_prefix(std::min(document.size(), line.size() + 1));
    if (line == kEnd) {
      if (!dropping) return "an end marker without its begin";
      dropping = false;
    }
    if (dropping) continue;
    if (line == kSettings) {
      text += mdoc_settings();
    } else if (line.starts_with(kFlags) && line.ends_with('@')) {
      const auto* const command =
          command_named(line.substr(kFlags.size(), line.size() - kFlags.size() - 1));
      if (command == nullptr) return "flags of a command that is not there";
      text += mdoc_flags(*command);
    } else {
      text.append(line).push_back('\n');
    }
    if (line == kBegin) {
      text += markdown_table();
      dropping = true;
    }
  }
  if (dropping) return "a begin marker without its end";
  return text;
}

}  // namespace spoa::settings
