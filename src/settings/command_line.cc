#include "command_line.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "suggest.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kHelp = "--help";
constexpr std::string_view kVersion = "--version";
constexpr std::string_view kSeeHelp = "see spoa-modsecurity --help";

/// "did you mean `--queue`? See ...", or only where to look.
std::string remedy_for(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view guess = nearest(word, known);
  return guess.empty()
             ? std::string(kSeeHelp)
             : fmt::format("did you mean `{}`? See spoa-modsecurity --help", guess);
}

Problem mistake(std::string text, std::string remedy) {
  return {{}, 0, 0, std::move(text), std::move(remedy)};
}

Problem unknown_command(std::string_view word) {
  std::vector<std::string_view> names;
  for (const CommandInfo& command : commands()) names.push_back(command.name);
  return mistake(fmt::format("unknown command: {}", shown(word)),
                 remedy_for(word, names));
}

/// What CLI11 found, before it is understood.
struct Found {
  std::map<std::string_view, std::vector<std::string>> values;  ///< by flag
  std::vector<std::string> unknown;
  bool help = false;
  bool version = false;
};

Result<Found, Problem> split(const CommandInfo& command, bool named,
                             const std::vector<std::string>& arguments) {
  Found found;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag(std::string(kHelp), found.help);
  if (!named) app.add_flag(std::string(kVersion), found.version);
  if (command.reads_settings()) {
    app.add_option(std::string(kConfigFlag), found.values[kConfigFlag])
        ->allow_extra_args(false);
  }
  for (const Setting* setting : flags_of(command)) {
    if (setting->kind == Kind::kSwitch) {
      app.add_flag_callback(std::string(setting->flag), [&found, setting] {
        found.values[setting->flag] = {"true"};
      });
      continue;
    }
    app.add_option(std::string(setting->flag), found.values[setting->flag])
        ->allow_extra_args(setting->is_list());
  }
  try {
    // The library takes the arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string what = error.what();
    return mistake(shown(what.substr(0, what.find(':'))) + " needs a value",
                   std::string(kSeeHelp));
  } catch (const CLI::Error& error) {
    return mistake(shown(error.what()), std::string(kSeeHelp));
  }
  found.unknown = app.remaining();
  return found;
}

class Checker {
 public:
  Checker(const CommandInfo& command, bool named, Found found)
      : command_(command), found_(std::move(found)) {
    if (command.reads_settings()) known_.push_back(kConfigFlag);
    for (const Setting* setting : flags_of(command)) known_.push_back(setting->flag);
    known_.push_back(kHelp);
    if (!named) known_.push_back(kVersion);
  }

  Result<CommandLine, std::vector<Problem>> check() {
    CommandLine line;
    line.command = command_.command;
    const auto& config = found_.values[kConfigFlag];
    if (is_single(kConfigFlag, config) && !config.empty()) line.config = config.front();
    for (const Setting* setting : flags_of(command_)) add_flag(*setting, line);
    refuse_unknown();
    if (!problems_.empty()) return std::move(problems_);
    return line;
  }

 private:
  void refuse_unknown() {
    bool value_may_follow = false;
    for (const std::string& word : found_.unknown) {
      const std::size_t end = word.find('=');
      const std::string_view name = std::string_view(word).substr(0, end);
      if (name.starts_with('-')) {
        problems_.push_back(
            mistake(fmt::format("unknown flag of {}: {}", command_.name, shown(name)),
                    remedy_for(name, known_)));
      } else if (!value_may_follow) {
        problems_.push_back(
            mistake(fmt::format("unexpected argument: {}", shown(word)),
                    fmt::format("{} takes flags only; {}", command_.name, kSeeHelp)));
      }
      // The value of a flag that is unknown itself needs no message of its own.
      value_may_follow = name.starts_with('-') && end == std::string::npos;
    }
  }

  bool is_single(std::string_view flag, const std::vector<std::string>& values) {
    if (values.size() > 1) {
      problems_.push_back(
          mistake(fmt::format("{} is given more than once", flag), "give it once"));
      return false;
    }
    return std::all_of(values.begin(), values.end(),
                       [&](const std::string& value) { return is_value(flag, value); });
  }

  bool is_value(std::string_view flag, const std::string& value) {
    if (!value.empty() && !value.starts_with("--")) return true;
    problems_.push_back(
        mistake(fmt::format("{} needs a value", flag), std::string(kSeeHelp)));
    return false;
  }

  void add_flag(const Setting& setting, CommandLine& line) {
    const auto& values = found_.values[setting.flag];
    if (values.empty()) return;
    if (!setting.is_list() && !is_single(setting.flag, values)) return;
    Settings settings;
    ApplicationSettings application;
    Listen listen;
    BenchSettings bench;
    for (const std::string& value : values) {
      if (setting.is_list() && !is_value(setting.flag, value)) return;
      const Slot slot = setting.slot({settings, application, listen, &bench});
      if (auto complaint = assign(setting, value, slot)) {
        problems_.push_back(mistake(fmt::format("{} {}", setting.flag, complaint->text),
                                    complaint->remedy));
      }
    }
    line.flags.push_back({&setting, values});
  }

  const CommandInfo& command_;
  Found found_;
  std::vector<std::string_view> known_;
  std::vector<Problem> problems_;
};

}  // namespace

bool CommandLine::has_rules() const {
  return std::any_of(flags.begin(), flags.end(), [](const FlagValue& flag) {
    return flag.setting->of_application();
  });
}

Result<CommandLine, std::vector<Problem>> read_command_line(
    const std::vector<std::string>& arguments) {
  const CommandInfo* command = &commands().front();
  const bool named = !arguments.empty() && !arguments.front().starts_with('-');
  if (named) {
    const auto all = commands();
    const auto known = std::find_if(all.begin(), all.end(), [&](const CommandInfo& info) {
      return info.name == arguments.front();
    });
    if (known == all.end()) return std::vector{unknown_command(arguments.front())};
    command = &*known;
  }
  auto found =
      split(*command, named,
            {arguments.begin() + static_cast<std::ptrdiff_t>(named), arguments.end()});
  if (!found) return std::vector{found.error()};
  if (found->help) return CommandLine{Command::kHelp, named ? command : nullptr, {}, {}};
  if (found->version) return CommandLine{Command::kVersion, nullptr, {}, {}};
  return Checker(*command, named, std::move(*found)).check();
}

}  // namespace spoa::settings
