#include "settings_file.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "draft.h"
#include "files.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kBuiltInName = "default";
constexpr std::size_t kMostFileBytes = 2U << 20;

Reading result_of(Draft draft) {
  auto& problems = draft.problems;
  if (problems.empty()) {
    resolve(draft.settings);
  } else {
    keep_readable_rules(draft.settings);
    std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    problems.resize(std::min(problems.size(), kMostProblems));
  }
  return {std::move(draft.settings), std::move(problems)};
}

/// Everything after the file: the same for a file, for text and for no file at all.
Reading finish(Draft draft, const FlagValues& flags) {
  apply_flags(flags, draft);
  check_whole(draft);
  return result_of(std::move(draft));
}

/// There is no document, so nothing is missed in it. The flags are looked at all the
/// same.
Reading without_document(Draft draft, const FlagValues& flags) {
  apply_flags(flags, draft);
  check_rules(draft);
  return result_of(std::move(draft));
}

Draft new_draft(const std::string& file) {
  Draft draft;
  draft.file = file;
  assign_defaults(draft.settings);
  return draft;
}

Reading read_text(std::string_view yaml, const std::string& file,
                  const FlagValues& flags) {
  Draft draft = new_draft(file);
  const Node document = parse_document(yaml, file, draft.problems);
  if (document.kind == Node::Kind::kBroken)
    return without_document(std::move(draft), flags);
  read_document(document, draft);
  return finish(std::move(draft), flags);
}

ApplicationSettings& only_application(Settings& settings) {
  if (settings.applications.empty()) {
    assign_defaults(settings.applications.emplace_back());
    settings.applications.back().name = kBuiltInName;
  }
  return settings.applications.front();
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

void Draft::forget(std::string_view path) {
  const std::string below = std::string(path) + '.';
  std::erase_if(places, [&](const auto& entry) {
    return entry.first == path || entry.first.starts_with(below);
  });
}

void apply_flags(const FlagValues& flags, Draft& draft) {
  ApplicationSettings none;
  Listen no_item;
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
    draft.forget(path);
    const Slot slot = setting->slot(
        {draft.settings, of_application ? draft.settings.applications.front() : none,
         no_item});
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

Result<Settings, std::vector<Problem>> whole(Reading reading) {
  if (reading.problems.empty()) return std::move(reading.settings);
  return std::move(reading.problems);
}

Result<Settings, std::vector<Problem>> read_settings(std::string_view yaml,
                                                     const std::string& file,
                                                     const FlagValues& flags) {
  return whole(read_text(yaml, file, flags));
}

Reading read_settings_file(const std::string& file, const FlagValues& flags) {
  const auto yaml = read_file(file, kMostFileBytes);
  if (yaml) return read_text(*yaml, file, flags);
  Draft draft = new_draft(file);
  draft.complain_at({}, "cannot read the settings: " + yaml.error().why,
                    "name a file that the daemon's user can read with --config");
  return without_document(std::move(draft), flags);
}

Reading built_in_settings(const std::string& rules_file, const FlagValues& flags) {
  Draft draft = new_draft({});
  only_application(draft.settings).rules = {rules_file};
  return finish(std::move(draft), flags);
}

}  // namespace spoa::settings
