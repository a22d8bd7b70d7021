// Checks that need more than one value.
#include <sched.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "draft.h"
#include "files.h"
#include "suggest.h"

namespace spoa::settings {
namespace {

constexpr std::size_t kMostWorkers = 1024;

void check_rules_of(const ApplicationSettings& application, Draft& draft) {
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
  check_rules(draft);
  check_default_application(draft);
}

/// A limit that is left out makes room for what must fit; one that is set stands.
void check_room(Draft& draft, std::string_view key, std::size_t& limit,
                std::string_view needed_by, std::size_t needed) {
  if (limit >= needed) return;
  if (!draft.has(key)) {
    limit = needed;
    return;
  }
  draft.complain(key, fmt::format("{} is smaller than {}", key, needed_by),
                 fmt::format("at least {} must fit", size_text(needed)));
}

void check_buffers(Draft& draft) {
  Limits& limits = draft.settings.limits;
  constexpr std::string_view kOne = "limits.buffered-per-connection";
  check_room(draft, kOne, limits.buffered_per_connection_bytes, "max-frame-size",
             draft.settings.max_frame_size);
  check_room(draft, "limits.buffered", limits.buffered_bytes, kOne,
             limits.buffered_per_connection_bytes);
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

void resolve(Listen& listen) {
  if (listen.address.kind == Address::Kind::kUnix && !listen.unix_mode) {
    ApplicationSettings none;
    Settings unused;
    const Setting& mode = *find("listen.*.mode");
    static_cast<void>(assign(mode, mode.fallback, mode.slot({unused, none, listen})));
  }
  if (listen.tls && listen.tls->key.empty()) listen.tls->key = listen.tls->certificate;
}

void no_limit_if_zero(std::size_t& limit) {
  if (limit == 0) limit = std::numeric_limits<std::size_t>::max();
}

}  // namespace

void check_whole(Draft& draft) {
  check_listen(draft);
  check_buffers(draft);
  check_applications(draft);
}

void check_rules(Draft& draft) {
  for (const auto& application : draft.settings.applications)
    check_rules_of(application, draft);
}

void keep_readable_rules(Settings& settings) {
  for (ApplicationSettings& application : settings.applications) {
    std::erase_if(application.rules,
                  [](const std::string& file) { return !why_unreadable(file).empty(); });
  }
  std::erase_if(settings.applications,
                [](const ApplicationSettings& app) { return app.rules.empty(); });
}

void resolve(Settings& settings) {
  settings.hang_timeout = std::max(settings.hang_timeout, settings.processing_timeout);
  if (settings.workers == 0) {
    settings.workers = std::clamp<std::size_t>(usable_cpus(), 1, kMostWorkers);
  }
  for (Listen& listen : settings.listen) resolve(listen);
  no_limit_if_zero(settings.limits.connections);
  no_limit_if_zero(settings.limits.connections_per_address);
  no_limit_if_zero(settings.limits.frames_in_flight);
  if (settings.default_application.empty()) {
    settings.default_application = settings.applications.front().name;
  }
}

}  // namespace spoa::settings
