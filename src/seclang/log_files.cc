#include "log_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "rule.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

bool is_on(const std::string& value) { return value == "on" || value == "relevantonly"; }

// Anywhere: the library opens the log after each of the files it is given.
bool switches_audit_log_on(const Document& document) {
  for (const Directive& directive : document.directives) {
    if (directive.is("SecAuditEngine") && !directive.arguments.empty() &&
        is_on(lower(directive.arguments.front().text))) {
      return true;
    }
  }
  constexpr std::string_view kControl = "auditengine=";
  for (const Rule& rule : rules_of(document)) {
    for (const Action& action : rule.actions) {
      const std::string value = action.name == "ctl" ? lower(action.value) : "";
      if (value.starts_with(kControl) && is_on(value.substr(kControl.size())))
        return true;
    }
  }
  return false;
}

bool may_be_plain_file(const std::string& path) {
  std::error_code ignored;  // then it is not there, or cannot be opened either
  const auto status = std::filesystem::status(path, ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

}  // namespace

std::vector<std::string> log_files(const Document& document) {
  const bool audit = switches_audit_log_on(document);
  std::vector<std::string> files;
  for (const Directive& directive : document.directives) {
    const bool opened =
        directive.is("SecDebugLog") ||
        (audit && (directive.is("SecAuditLog") || directive.is("SecAuditLog2")));
    if (!opened || directive.arguments.empty()) continue;
    const std::string& path = directive.arguments.front().text;
    if (path.empty() || !may_be_plain_file(path)) continue;
    if (std::find(files.begin(), files.end(), path) == files.end()) files.push_back(path);
  }
  return files;
}

}  // namespace spoa::seclang
