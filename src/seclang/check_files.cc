// Logs that cannot be written, data files that cannot be read.

#include <algorithm>
#include <fstream>

#include "checks.h"
#include "resource.h"
#include "scanner.h"

namespace spoa::seclang {

namespace {

constexpr auto kMakeReadable = "put it beside the rules file, or name its whole path";

void check_data_file(const Directive& directive, const Argument& argument,
                     std::size_t offset, const std::string& name, Report& report) {
  const auto fail = [&](const std::string& text, const char* remedy) {
    report.errors.push_back(at_argument(directive, argument, offset, text, remedy));
  };
  if (name.starts_with("https://")) {
    fail("a list from the network is refused: the library loads it without a time limit",
         "fetch the file by a job of your own, and name it");
    return;
  }
  const std::string path = find_data_file(name, directive.file);
  if (path.empty()) {
    fail("the data file " + name + " is not there or cannot be opened", kMakeReadable);
  } else if (const std::string why = why_unreadable(path); !why.empty()) {
    fail("the data file " + path + " cannot be read: " + why, kMakeReadable);
  }
}

void check_operator_file(const Rule& rule, Report& report) {
  if (!rule.test || rule.test->macros) return;
  const Operator& test = *rule.test;
  if (test.name != "pmf" && test.name != "pmfromfile" && test.name != "ipmatchf" &&
      test.name != "ipmatchfromfile") {
    return;
  }
  check_data_file(*rule.directive, rule.directive->arguments[1], test.argument_offset,
                  test.argument, report);
}

// Its entries are CODE:BYTE. The library crashes on a word of colons alone.
void check_unicode_map(const std::string& path, Report& report) {
  if (path.empty() || !why_unreadable(path).empty()) return;
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
      const std::string_view word = std::string_view(line).substr(at, end - at);
      if (!word.empty() && word.find_first_not_of(':') == std::string_view::npos) {
        report.errors.push_back({path, number, static_cast<int>(at) + 1,
                                 "an entry without a code: the library crashes on it",
                                 "write entries as CODE:BYTE, both hexadecimal"});
      }
      at = end + 1;
    }
  }
}

// `SecUnicodeMapFile FILE CODEPAGE`: the file's name may hold blanks.
void check_setting_file(const Directive& directive, Report& report) {
  if (directive.arguments.empty()) return;
  const Argument& argument = directive.arguments.front();
  if (directive.is("SecGeoLookupDb")) {
    check_data_file(directive, argument, 0, argument.text, report);
  } else if (directive.is("SecUnicodeMapFile")) {
    std::string name = argument.text.substr(0, argument.text.find_last_of(' '));
    while (!name.empty() && is_blank(name.back())) name.pop_back();
    check_data_file(directive, argument, 0, name, report);
    check_unicode_map(find_data_file(name, directive.file), report);
  }
}

// The settings of the audit log that count in the end: the last of each.
struct AuditLog {
  const Directive* engine = nullptr;
  const Directive* type = nullptr;
  const Directive* log = nullptr;
  const Directive* second_log = nullptr;
  const Directive* folder = nullptr;
  const Directive* by_rule = nullptr;  // a rule that switches it on
};

std::string value_of(const Directive* directive) {
  return directive == nullptr || directive->arguments.empty()
             ? ""
             : lower(directive->arguments.front().text);
}

AuditLog audit_log_of(const Document& document, const Rules& rules) {
  AuditLog audit;
  for (const Directive& directive : document.directives) {
    if (directive.is("SecAuditEngine")) audit.engine = &directive;
    if (directive.is("SecAuditLogType")) audit.type = &directive;
    if (directive.is("SecAuditLog")) audit.log = &directive;
    if (directive.is("SecAuditLog2")) audit.second_log = &directive;
    if (directive.is("SecAuditLogStorageDir")) audit.folder = &directive;
  }
  for (const Rule& rule : rules) {
    for (const Action& action : rule.actions) {
      const std::string value = action.name == "ctl" ? lower(action.value) : "";
      if (value == "auditengine=on" || value == "auditengine=relevantonly") {
        audit.by_rule = rule.directive;
      }
    }
  }
  return audit;
}

void check_log(const Directive* directive, Report& report) {
  if (directive == nullptr || directive->arguments.empty()) return;
  const Argument& path = directive->arguments.front();
  const std::string why = why_not_appendable(path.text);
  if (why.empty()) return;
  report.errors.push_back(at_argument(
      *directive, path, 0, directive->name + " cannot be opened for writing: " + why,
      "make its folder, and let the daemon's user write there"));
}

void check_folder(const Directive* directive, Report& report) {
  if (directive == nullptr || directive->arguments.empty()) return;
  const Argument& path = directive->arguments.front();
  const std::string why = why_not_appendable(path.text + "/probe");
  if (why.empty()) return;
  report.errors.push_back(
      at_argument(*directive, path, 0, directive->name + " cannot be written to: " + why,
                  "make the folder, and let the daemon's user write there"));
}

void check_audit_log(const AuditLog& audit, Report& report) {
  const std::string engine = value_of(audit.engine);
  const bool by_engine = engine == "on" || engine == "relevantonly";
  const Directive* on = by_engine ? audit.engine : audit.by_rule;
  const std::string type = value_of(audit.type);
  if (on == nullptr) return;
  if (type == "https") {
    report.errors.push_back(at_directive(
        *audit.type,
        "SecAuditLogType HTTPS is refused: each request would wait for the network, "
        "without a time limit",
        "use the daemon's events file, and a job of your own that sends it"));
    return;
  }
  if (type == "concurrent" || type == "parallel") {
    check_folder(audit.folder, report);
    check_log(audit.second_log, report);
  } else if (audit.log == nullptr) {
    report.errors.push_back(
        at_directive(*on, "the audit log is on, but SecAuditLog names no file",
                     "set SecAuditLog, or SecAuditEngine Off"));
  }
  check_log(audit.log, report);
  if (audit.log == nullptr) return;
  report.warnings.push_back(at_directive(
      *audit.log,
      "the library opens its audit log once and never again: SIGUSR1 does not reach it",
      "rotate it by copytruncate, or use the daemon's events file"));
}

}  // namespace

void check_files(const Document& document, const Rules& rules, Report& report) {
  for (const Rule& rule : rules) check_operator_file(rule, report);
  for (const Directive& directive : document.directives) {
    check_setting_file(directive, report);
    if (directive.is("SecDebugLog")) check_log(&directive, report);
  }
  check_audit_log(audit_log_of(document, rules), report);
}

}  // namespace spoa::seclang
