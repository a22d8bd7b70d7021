// Walks the YAML tree by the table's paths.
#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "draft.h"
#include "suggest.h"

namespace spoa::settings {
namespace {

constexpr std::string_view kApplications = "applications";
constexpr std::string_view kEachApplication = "applications.*";
constexpr std::string_view kEachListen = "listen.*";
constexpr std::string_view kEachTls = "listen.*.tls";

/// A path as messages write it: an item of `listen` has no name, and its place says
/// which.
std::string spelled(const std::string& path) {
  constexpr std::string_view kItem = "listen.";
  if (!path.starts_with(kItem)) return path;
  const std::size_t dot = std::min(path.find('.', kItem.size()), path.size());
  return "listen[]" + path.substr(dot);
}

/// One level of the settings: how the operator spelled it, and how the table does.
struct Level {
  std::string path;     ///< `applications.shop`
  std::string pattern;  ///< `applications.*`
};

std::string below(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string known_in(const std::string& pattern) {
  if (pattern == kApplications) return "write a name for each application";
  return "known here: " + listed(names_below(pattern));
}

class Reader {
 public:
  explicit Reader(Draft& draft) : draft_(draft) {}

  void read_map(const Node& map, const Level& level) {
    if (!is_map(map, level)) return;
    std::map<std::string_view, Place> seen;
    for (std::size_t i = 0; i + 1 < map.children.size() && !full(); i += 2) {
      const Node& key = map.children[i];
      if (key.kind == Node::Kind::kBroken) continue;
      if (key.kind != Node::Kind::kText || key.text.empty()) {
        draft_.complain_at(key.place, "a key must be a word", known_in(level.pattern));
        continue;
      }
      const auto [first, fresh] = seen.emplace(key.text, key.place);
      if (fresh) {
        read_entry(key, map.children[i + 1], level);
      } else {
        draft_.complain_at(
            key.place, fmt::format("{} is set twice", shown(key.text)),
            fmt::format("keep one; the first is on line {}", first->second.line));
      }
    }
    if (level.pattern == kEachListen) require(map, level, "address");
    if (level.pattern == kEachTls) require(map, level, "certificate");
  }

 private:
  [[nodiscard]] bool full() const { return draft_.problems.size() >= kMostProblems; }

  bool is_map(const Node& node, const Level& level) {
    if (node.kind == Node::Kind::kMap) {
      if (node.children.empty() && level.pattern == kApplications) {
        draft_.complain_at(node.place, "there is no application",
                           known_in(level.pattern));
      }
      return true;
    }
    // A broken one was reported; an empty one is judged by what it then lacks.
    if (node.kind == Node::Kind::kText || node.kind == Node::Kind::kList) {
      draft_.complain_at(node.place,
                         fmt::format("{} must hold keys with values",
                                     level.path.empty() ? "the settings file"
                                                        : shown(spelled(level.path))),
                         known_in(level.pattern));
    }
    return false;
  }

  void require(const Node& map, const Level& level, std::string_view name) {
    if (draft_.has(below(level.path, name))) return;
    const Setting& setting = *find(below(level.pattern, name));
    draft_.complain_at(map.place, fmt::format("{} has no {}", spelled(level.path), name),
                       fmt::format("add {}: {}", name, allowed(setting)));
  }

  void read_entry(const Node& key, const Node& value, const Level& level) {
    if (level.pattern == kApplications) return read_application(key, value);
    // A dot would name a setting of another level.
    const bool plain = key.text.find('.') == std::string::npos;
    const Level entry{below(level.path, key.text), below(level.pattern, key.text)};
    const Setting* const setting = plain ? find(entry.pattern) : nullptr;
    if (setting == nullptr && (!plain || names_below(entry.pattern).empty())) {
      return unknown_key(key, level);
    }
    const bool empty = value.kind == Node::Kind::kNull;
    draft_.places[entry.path] = empty ? key.place : value.place;
    if (empty) {
      draft_.complain_at(
          key.place, fmt::format("{} has no value", spelled(entry.path)),
          setting != nullptr ? "allowed: " + allowed(*setting) : known_in(entry.pattern));
    } else if (setting != nullptr) {
      read_value(*setting, value, entry.path);
    } else {
      read_map(value, entry);
    }
  }

  void unknown_key(const Node& key, const Level& level) {
    const auto known = names_below(level.pattern);
    std::string remedy = did_you_mean(key.text, known, "known here");
    // A known name on the wrong level is the likeliest slip: a missing indent.
    for (const Setting& setting : table()) {
      const std::size_t dot = setting.key.rfind('.');
      if (dot == std::string_view::npos) {
        if (setting.key == key.text)
          remedy = "it belongs to the top level: indent it less";
      } else if (setting.key.substr(dot + 1) == key.text || setting.key == key.text) {
        std::string parent(setting.key.substr(0, dot));
        if (parent == kEachApplication) parent = "an application";
        if (parent == kEachListen) parent = "an item of listen";
        if (parent == kEachTls) parent = "tls in an item of listen";
        remedy = fmt::format(
            "it belongs under {}: put it on a line of its own there, indented", parent);
      }
    }
    draft_.complain_at(key.place, fmt::format("unknown key: {}", shown(key.text)),
                       remedy);
  }

  void read_application(const Node& key, const Node& value) {
    if (auto complaint = complain_about_name(key.text)) {
      draft_.complain_at(key.place, "the application " + complaint->text,
                         complaint->remedy);
      return;
    }
    const Level level{below(kApplications, key.text), std::string(kEachApplication)};
    draft_.places[level.path] = key.place;
    ApplicationSettings& application = draft_.settings.applications.emplace_back();
    application.name = key.text;
    assign_defaults(application);
    // One mistake, one message: its rules are not missed on top.
    const bool usable = value.kind == Node::Kind::kMap || value.kind == Node::Kind::kNull;
    if (!usable) draft_.places[below(level.path, "rules")] = value.place;
    read_map(value, level);
  }

  void read_value(const Setting& setting, const Node& value, const std::string& path) {
    ApplicationSettings no_application;
    Listen no_item;
    auto& applications = draft_.settings.applications;
    auto& listen = draft_.settings.listen;
    const Slot slot = setting.slot(
        {draft_.settings, setting.of_application() ? applications.back() : no_application,
         setting.of_listen() ? listen.back() : no_item});
    if (setting.is_list()) {
      clear(slot);
      read_list(setting, value, path, slot);
    } else {
      read_text(setting, value, path, slot);
    }
  }

  /// The place of each item that was taken is kept under its index in the result.
  void read_list(const Setting& setting, const Node& value, const std::string& path,
                 Slot slot) {
    std::size_t taken = 0;
    const auto take = [&](const Node& item) {
      const std::string item_path = fmt::format("{}.{}", path, taken);
      const bool is_map =
          setting.kind == Kind::kAddresses && item.kind == Node::Kind::kMap;
      if (is_map ? !read_listen(item, item_path) : !read_text(setting, item, path, slot))
        return;
      draft_.places[item_path] = item.place;
      ++taken;
    };
    if (value.kind != Node::Kind::kList) return take(value);
    if (value.children.empty()) {
      draft_.complain_at(value.place, fmt::format("{} is empty", path),
                         "allowed: " + allowed(setting));
    }
    for (const Node& item : value.children) {
      if (!full()) take(item);
    }
  }

  /// An item of `listen` that says more than its address. It is kept even without a
  /// usable one, so that the rest of it is checked in the same round.
  bool read_listen(const Node& item, const std::string& path) {
    draft_.settings.listen.emplace_back();
    read_map(item, {path, std::string(kEachListen)});
    return true;
  }

  bool read_text(const Setting& setting, const Node& value, const std::string& path,
                 Slot slot) {
    if (value.kind == Node::Kind::kBroken) return false;
    std::optional<Complaint> complaint;
    if (value.kind == Node::Kind::kText) {
      complaint = assign(setting, located(setting, value.text), slot);
    } else {
      complaint =
          Complaint{setting.is_list() ? "needs plain values" : "needs one plain value",
                    "allowed: " + allowed(setting)};
    }
    if (!complaint) return true;
    draft_.complain_at(value.place, fmt::format("{} {}", spelled(path), complaint->text),
                       complaint->remedy);
    return false;
  }

  /// A relative file starts at the settings file's folder, wherever the daemon was
  /// started.
  [[nodiscard]] std::string located(const Setting& setting,
                                    const std::string& text) const {
    const bool names_file = setting.kind == Kind::kFile || setting.kind == Kind::kFiles ||
                            setting.kind == Kind::kOutput;
    const auto& words = setting.words;
    if (!names_file || text.empty() ||
        std::find(words.begin(), words.end(), text) != words.end()) {
      return text;
    }
    return (std::filesystem::path(draft_.file).parent_path() / text).string();
  }

  Draft& draft_;
};

}  // namespace

void read_document(const Node& document, Draft& draft) {
  Reader(draft).read_map(document, {});
}

}  // namespace spoa::settings
