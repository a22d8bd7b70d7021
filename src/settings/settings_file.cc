#include "settings_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>

#include <sys/stat.h>

#include <fmt/format.h>

#include "draft.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kBuiltInName = "default";
constexpr std::size_t kMostFileBytes = 2U << 20;

/// Everything after the file: the same for a file, for text and for no file at all.
Result<Settings, std::vector<Problem>> finish(Draft draft, const FlagValues& flags) {
  apply_flags(flags, draft);
  check_whole(draft);
  auto& problems = draft.problems;
  if (problems.empty()) {
    resolve(draft.settings);
    return std::move(draft.settings);
  }
  std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  problems.resize(std::min(problems.size(), kMostProblems));
  return std::move(problems);
}

ApplicationSettings& only_application(Settings& settings) {
  if (settings.applications.empty()) {
    assign_defaults(settings.applications.emplace_back());
    settings.applications.back().name = kBuiltInName;
  }
  return settings.applications.front();
}

std::vector<Problem> unreadable(const std::string& file, const std::string& why) {
  return {{file, 0, 0, "cannot read the settings: " + why,
           "name a file that the daemon's user can read with --config"}};
}

}  // namespace

void Draft::complain(std::string_view path, std::string text, std::string remedy) {
  const auto found = places.find(path);
  if (found != places.end()) {
    complain_at(found->second, std::move(text), std::move(remedy));
  } else {
    problems.push_back({{}, 0, 0, std::move(text), std::move(remedy)});
  }
}

void Draft::complain_at(Place place, std::string text, std::string remedy) {
  problems.push_back(
      {file, place.line, place.column, std::move(text), std::move(remedy)});
}

void apply_flags(const FlagValues& flags, Draft& draft) {
  ApplicationSettings none;
  for (const auto& [setting, values] : flags) {
    std::string path(setting->key);
    const bool of_application = setting->of_application();
    if (of_application) {
      if (draft.settings.applications.size() > 1) {
        draft.problems.push_back(
            {{},
             0,
             0,
             fmt::format("{} cannot be used with several applications", setting->flag),
             "leave it out, or change the settings file"});
        continue;
      }
      const std::string& name = only_application(draft.settings).name;
      path.replace(path.find('*'), 1, name);
    }
    std::erase_if(draft.places, [&](const auto& entry) {
      return entry.first == path || entry.first.starts_with(path + '.');
    });
    const Slot slot = setting->slot(
        draft.settings, of_application ? draft.settings.applications.front() : none);
    clear(slot);
    for (const std::string& value : values) {
      if (auto complaint = assign(*setting, value, slot)) {
        draft.problems.push_back({{},
                                  0,
                                  0,
                                  fmt::format("{} {}", setting->flag, complaint->text),
                                  complaint->remedy});
      }
    }
  }
}

Result<Settings, std::vector<Problem>> read_settings(std::string_view yaml,
                                                     const std::string& file,
                                                     const FlagValues& flags) {
  Draft draft;
  draft.file = file;
  assign_defaults(draft.settings);
  const Node document = parse_document(yaml, file, draft.problems);
  // Without a document there is nothing to check: only its own mistake matters.
  if (document.kind == Node::Kind::kBroken) return std::move(draft.problems);
  read_document(document, draft);
  return finish(std::move(draft), flags);
}

Result<Settings, std::vector<Problem>> read_settings_file(const std::string& file,
                                                          const FlagValues& flags) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return unreadable(file, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return unreadable(file, "it is a folder");
  std::ifstream input(file, std::ios::binary);
  if (!input) return unreadable(file, std::strerror(errno));
  // A device or a pipe has no size to check beforehand and may have no end.
  std::string yaml(kMostFileBytes, '\0');
  input.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
  if (input.bad()) return unreadable(file, "reading failed");
  yaml.resize(static_cast<std::size_t>(input.gcount()));
  return read_settings(yaml, file, flags);
}

Result<Settings, std::vector<Problem>> built_in_settings(const std::string& rules_file,
                                                         const FlagValues& flags) {
  Draft draft;
  assign_defaults(draft.settings);
  only_application(draft.settings).rules = {rules_file};
  return finish(std::move(draft), flags);
}

}  // namespace spoa::settings
