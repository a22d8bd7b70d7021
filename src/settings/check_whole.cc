// Checks that need more than one value.
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "draft.h"
#include "suggest.h"

namespace spoa::settings {
namespace {

constexpr std::size_t kMostWorkers = 1024;

std::string why_unreadable(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return std::strerror(errno);
  if (S_ISDIR(status.st_mode)) return "it is a folder";
  if (access(file.c_str(), R_OK) != 0) return std::strerror(errno);
  return {};
}

void check_rules(const ApplicationSettings& application, Draft& draft) {
  const std::string path = fmt::format("applications.{}.rules", application.name);
  if (application.rules.empty() && !draft.has(path)) {
    draft.complain(fmt::format("applications.{}", application.name),
                   fmt::format("application {} has no rules", application.name),
                   "add rules: [FILE]");
  }
  for (std::size_t i = 0; i < application.rules.size(); ++i) {
    const std::string& file = application.rules[i];
    const std::string why = why_unreadable(file);
    if (why.empty()) continue;
    const bool pattern = file.find_first_of("*?") != std::string::npos;
    const std::string remedy =
        pattern ? "patterns are not expanded: name one file, and Include the others in it"
                : "it must be a file that the daemon's user can read";
    const std::string item = fmt::format("{}.{}", path, i);
    if (draft.has(item)) {
      draft.complain(item, fmt::format("cannot read rules {}: {}", shown(file), why),
                     remedy);
    } else {
      // Named by a flag or built in: the mistake is the file's, not the command line's.
      draft.problems.push_back({file, 0, 0, "cannot read rules: " + why, remedy});
    }
  }
}

void check_default_application(Draft& draft) {
  const Settings& settings = draft.settings;
  std::vector<std::string_view> names;
  for (const auto& application : settings.applications) names.push_back(application.name);
  const std::string& wanted = settings.default_application;
  if (wanted.empty()) {
    if (names.size() > 1 && !draft.has("default-application")) {
      draft.complain("applications", "default-application is not set",
                     "name one of: " + listed(names));
    }
  } else if (!names.empty() &&
             std::find(names.begin(), names.end(), wanted) == names.end()) {
    draft.complain("default-application",
                   fmt::format("default-application names no application: {}", wanted),
                   did_you_mean(wanted, names, "applications"));
  }
}

void check_applications(Draft& draft) {
  if (draft.settings.applications.empty() && !draft.has("applications")) {
    draft.complain_at({1, 1}, "there is no application",
                      "add applications: {default: {rules: [FILE]}}");
  }
  for (const auto& application : draft.settings.applications)
    check_rules(application, draft);
  check_default_application(draft);
}

/// systemd hands over several sockets, and port 0 is another one each time.
bool clash(const Address& a, const Address& b) {
  const bool shared =
      a.kind == Address::Kind::kSystemd || (a.kind == Address::Kind::kTcp && a.port == 0);
  return a == b && !shared;
}

void check_addresses(Draft& draft) {
  const auto& listen = draft.settings.listen;
  for (std::size_t i = 0; i < listen.size(); ++i) {
    const std::string place = fmt::format("listen.{}", i);
    const bool again =
        std::any_of(listen.begin(), listen.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Address& before) { return clash(before, listen[i]); });
    if (again) {
      draft.complain(place, fmt::format("listen has {} twice", to_text(listen[i])),
                     "keep one of them");
    }
    if (clash(listen[i], draft.settings.admin)) {
      draft.complain(draft.has("admin") ? "admin" : place,
                     fmt::format("listen and admin are the same: {}", to_text(listen[i])),
                     "give one of them another port or path");
    }
  }
}

std::size_t usable_cpus() {
  // More than the kernel supports today, so that one call always suffices.
  constexpr int kCpus = 1 << 16;
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(
      CPU_ALLOC(kCpus), [](cpu_set_t* s) { CPU_FREE(s); });
  const std::size_t bytes = CPU_ALLOC_SIZE(kCpus);
  if (set && sched_getaffinity(0, bytes, set.get()) == 0) {
    return static_cast<std::size_t>(CPU_COUNT_S(bytes, set.get()));
  }
  return std::thread::hardware_concurrency();
}

void no_limit_if_zero(std::size_t& limit) {
  if (limit == 0) limit = std::numeric_limits<std::size_t>::max();
}

}  // namespace

void check_whole(Draft& draft) {
  check_addresses(draft);
  check_applications(draft);
}

void resolve(Settings& settings) {
  if (settings.workers == 0) {
    settings.workers = std::clamp<std::size_t>(usable_cpus(), 1, kMostWorkers);
  }
  no_limit_if_zero(settings.limits.connections);
  no_limit_if_zero(settings.limits.frames_in_flight);
  if (settings.default_application.empty()) {
    settings.default_application = settings.applications.front().name;
  }
}

}  // namespace spoa::settings
