#include "check.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "inspect/engine.h"
#include "seclang/log_files.h"
#include "seclang/reader.h"
#include "spoa/exit_status.h"

namespace spoa::serve {
namespace {

namespace fs = std::filesystem;

/// Loading rules makes the log files they name. Whoever only looks leaves none behind:
/// made by root, they could not be opened by the daemon later.
class LogFilesOf {
 public:
  explicit LogFilesOf(const Settings& settings) {
    for (const ApplicationSettings& app : settings.applications) {
      for (std::string& file : seclang::log_files(seclang::read_rules(app.rules))) {
        if (!fs::exists(fs::symlink_status(file, ignored_)))
          absent_.push_back(std::move(file));
      }
    }
  }
  ~LogFilesOf() {
    for (const std::string& file : absent_) {
      if (fs::is_empty(file, ignored_)) fs::remove(file, ignored_);
    }
  }
  LogFilesOf(const LogFilesOf&) = delete;
  LogFilesOf& operator=(const LogFilesOf&) = delete;

 private:
  std::error_code ignored_;
  std::vector<std::string> absent_;
};

}  // namespace

bool library_fits() { return inspect::library_version() == inspect::header_version(); }

std::optional<Loaded> load_or_complain(const Settings& settings) {
  auto loaded = load(settings, 1);
  if (loaded) return std::move(*loaded);
  fmt::print(stderr, "{}", to_text(loaded.error(), "nothing was started"));
  return std::nullopt;
}

int refuse(const settings::InvocationError& error) {
  std::string text = error.text;
  if (error.exit_status == kExitSettings && library_fits()) {
    const LogFilesOf left_as_they_are(error.partial);
    std::vector<Problem> problems = error.problems;
    const std::vector<Problem> more = problems_of(error.partial);
    problems.insert(problems.end(), more.begin(), more.end());
    text = to_text(problems, "nothing was started");
  }
  fmt::print(stderr, "{}", text);
  return error.exit_status;
}

int check(const settings::Invocation& invocation) {
  const LogFilesOf left_as_they_are(invocation.settings);
  const auto loaded = load_or_complain(invocation.settings);
  if (!loaded) return kExitSettings;
  const auto& generation = loaded->generation;
  for (const Problem& problem : generation->warnings) {
    fmt::print("warning: {}", to_text(problem));
  }
  fmt::print(
      "{}: good; {} applications, {} rules, {} warnings\n",
      invocation.settings_file.empty() ? "built-in settings" : invocation.settings_file,
      generation->applications.size(), generation->rule_count,
      generation->warnings.size());
  return kExitDone;
}

}  // namespace spoa::serve
