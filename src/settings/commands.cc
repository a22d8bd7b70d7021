#include "commands.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bench_flags.h"
#include "spoa/exit_status.h"

namespace spoa::settings {
namespace {

constexpr std::array<std::string_view, 1> kCheckFlags{"--rules"};

constexpr std::array<std::string_view, 6> kRunExamples{
    "spoa-modsecurity",
    "with the settings file, or without one if there is none",
    "spoa-modsecurity --config ./waf.yaml --log-level debug",
    "another settings file, and more to read in the log",
    "spoa-modsecurity --rules ./rules.conf --listen unix:/run/waf/spop.sock",
    "without a settings file, with rules of one's own"};

constexpr std::array<std::string_view, 4> kCheckExamples{
    "spoa-modsecurity check", "what run would start with",
    "spoa-modsecurity check --rules ./rules.conf", "only these rules"};

constexpr std::array<std::string_view, 8> kBenchExamples{
    "spoa-modsecurity bench --target 127.0.0.1:12345",
    "16 requests of the built-in mix at a time, for ten seconds: the most it can do",
    "spoa-modsecurity bench --target unix:/run/waf/spop.sock --rate 500",
    "500 requests a second, whatever the answers do: what clients would see",
    "spoa-modsecurity bench --target [::1]:12345 --rate 500:10s,1500:20s,500:10s",
    "a flood; with --interval 100ms one sees how soon it is over",
    "spoa-modsecurity bench --target 127.0.0.1:12345 --request ./login.http --json",
    "one request of one's own, figures for a machine"};

const std::array kCommands{
    CommandInfo{.command = Command::kRun,
                .name = "run",
                .usage = "[FLAG...]",
                .summary = "Inspect HAProxy's traffic until stopped. The default.",
                .details =
                    "Reads the settings and loads the rules; if anything is wrong, it "
                    "says all of it and starts nothing.",
                .flags = {},
                .examples = kRunExamples},
    CommandInfo{.command = Command::kCheck,
                .name = "check",
                .usage = "[--config FILE] [--rules FILE...]",
                .summary = "Read the settings, load the rules, and say what is wrong.",
                .details = "Opens no socket and writes no file.",
                .flags = kCheckFlags,
                .examples = kCheckExamples},
    CommandInfo{
        .command = Command::kBench,
        .name = "bench",
        .usage = "--target ADDR [FLAG...]",
        .summary = "Put load on an agent as HAProxy would, and measure it.",
        .details = "Closed loop by default: a number of requests wait at once, and each "
                   "answer brings the next one; latency counts from sending. With --rate "
                   "an open loop: requests are sent when they are due, whatever the "
                   "answers do, and latency counts from when a request was due, so that "
                   "a slow answer is not hidden by the requests it held up (coordinated "
                   "omission). Exits with 1, too, when nothing was answered, or when "
                   "bench itself was too slow for the rate: such a run does not count.",
        .flags = {},
        .examples = kBenchExamples,
        .own = bench_flags()},
};

constexpr std::size_t kTextColumn = 6;

std::string flag_text(std::string_view flag, std::string_view value,
                      std::string_view help) {
  const std::string_view space = value.empty() ? "" : " ";
  return fmt::format("  {}{}{}\n{}", flag, space, value, wrapped(help, kTextColumn));
}

std::string flags_text(const CommandInfo& command) {
  std::string text;
  if (command.reads_settings()) {
    text = flag_text(
        kConfigFlag, "FILE",
        fmt::format(
            "The settings file. Default: {}, if it exists and no rules are given.",
            kSettingsFile));
  }
  for (const Setting* setting : flags_of(command)) {
    std::string help(setting->help);
    if (setting->is_list()) help += " May be repeated.";
    const std::string fallback =
        setting->fallback == "-" ? "\"-\"" : std::string(setting->fallback);
    if (!fallback.empty()) help += fmt::format(" Default: {}.", fallback);
    text += flag_text(setting->flag, value_name(*setting), help);
  }
  return text + flag_text("--help", "", "This text.");
}

std::string examples_text(const CommandInfo& command) {
  std::string text;
  for (std::size_t i = 0; i + 1 < command.examples.size(); i += 2) {
    text += fmt::format("  {}\n{}", command.examples[i],
                        wrapped(command.examples[i + 1], kTextColumn));
  }
  return text;
}

std::string exit_statuses_text() {
  return fmt::format(
      "Exit status:\n"
      "  {:<3} done as asked\n"
      "  {:<3} it failed while running\n"
      "  {:<3} the command line is wrong\n"
      "  {:<3} the settings or a rules file are wrong; nothing was started\n",
      kExitDone, kExitFailed, kExitUsage, kExitSettings);
}

}  // namespace

std::span<const CommandInfo> commands() noexcept { return kCommands; }

std::vector<const Setting*> flags_of(const CommandInfo& command) {
  std::vector<const Setting*> flags;
  for (const Setting& own : command.own) flags.push_back(&own);
  if (!command.reads_settings()) return flags;
  const auto& names = command.flags;
  for (const Setting& setting : table()) {
    if (setting.flag.empty()) continue;
    if (names.empty() ||
        std::find(names.begin(), names.end(), setting.flag) != names.end()) {
      flags.push_back(&setting);
    }
  }
  return flags;
}

std::string value_name(const Setting& setting) {
  switch (setting.kind) {
    case Kind::kAddress:
    case Kind::kAddresses:
      return "ADDR";
    case Kind::kCount:
      return "N";
    case Kind::kDuration:
      return "DURATION";
    case Kind::kSize:
      return "SIZE";
    case Kind::kChoice:
      return fmt::format("{}", fmt::join(setting.words, "|"));
    case Kind::kOutput:
      return fmt::format("FILE|{}", fmt::join(setting.words, "|"));
    case Kind::kFile:
    case Kind::kFiles:
      return "FILE";
    case Kind::kMode:
      return "MODE";
    case Kind::kGroup:
      return "GROUP";
    case Kind::kName:
      return "NAME";
    case Kind::kMediaTypes:
      return "TYPE";
    case Kind::kWord:
      return "WORD";
    case Kind::kSwitch:
      return "";
    case Kind::kRates:
      return "RATE";
    case Kind::kMix:
      return "KINDS";
  }
  return {};
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    lines += column == 0 ? std::string(indent, ' ') : " ";
    lines += word;
    column = column == 0 ? indent + word.size() : column + 1 + word.size();
  }
  return lines.empty() ? lines : lines + '\n';
}

std::string help_text() {
  const CommandInfo& run = kCommands.front();
  std::string text = "Usage:\n";
  for (const CommandInfo& command : kCommands) {
    const bool fallback = &command == &run;
    text += fmt::format("  spoa-modsecurity {} {}\n",
                        fallback ? fmt::format("[{}]", command.name) : command.name,
                        command.usage);
  }
  text +=
      "  spoa-modsecurity COMMAND --help\n"
      "  spoa-modsecurity --version | --help\n\n"
      "A web application firewall for HAProxy: it inspects the requests that HAProxy\n"
      "sends over SPOP with ModSecurity's rules, and answers with a verdict.\n\n"
      "Commands:\n";
  for (const CommandInfo& command : kCommands) {
    text += fmt::format("  {:<7} {}\n", command.name, command.summary);
  }
  text += "\nFlags of run; a flag takes precedence over the settings file:\n";
  text += flags_text(run);
  text += fmt::format(
      "\nADDR is HOST:PORT, [V6]:PORT, unix:/PATH or systemd (sockets it passes).\n"
      "DURATION is 15ms, 2s, 1m; SIZE is 16KiB, 1MiB.\n\nExamples:\n{}\n{}",
      examples_text(run), exit_statuses_text());
  return text;
}

std::string help_text(const CommandInfo& command) {
  return fmt::format(
      "Usage:\n  spoa-modsecurity {} {}\n\n{}{}\nFlags:\n{}\nExamples:\n{}\n"
      "See spoa-modsecurity --help for the other commands and the exit statuses.\n",
      command.name, command.usage, wrapped(command.summary, 0),
      wrapped(command.details, 0), flags_text(command), examples_text(command));
}

}  // namespace spoa::settings
