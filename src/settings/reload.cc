#include "reload.h"

#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "table.h"

namespace spoa::settings {
namespace {

std::string item_text(const Listen& listen) {
  std::string text = to_text(listen.address);
  if (listen.unix_mode) text += fmt::format(" mode {:04o}", *listen.unix_mode);
  if (!listen.unix_group.empty()) text += " group " + listen.unix_group;
  if (listen.tls) text += " with tls";
  return text;
}

/// Undoes what assign() and resolve() do.
struct Spell {
  const Setting& setting;

  std::string operator()(const Address* place) const { return to_text(*place); }
  std::string operator()(const std::vector<Listen>* place) const {
    std::string text;
    for (const Listen& listen : *place) {
      text += (text.empty() ? "" : ", ") + item_text(listen);
    }
    return text;
  }
  std::string operator()(const std::chrono::milliseconds* place) const {
    return duration_text(static_cast<std::uint64_t>(place->count()));
  }
  std::string operator()(const std::string* place) const { return *place; }
  std::string operator()(const std::vector<std::string>* place) const {
    return fmt::format("{}", fmt::join(*place, ", "));
  }
  std::string operator()(const std::optional<unsigned>* place) const {
    return *place ? fmt::format("{:04o}", **place) : "";
  }
  std::string operator()(const bool* place) const { return *place ? "true" : "false"; }
  // What a command is asked is no setting.
  std::string operator()(const std::vector<RatePhase>* /*place*/) const { return {}; }
  std::string operator()(const MixWeights* /*place*/) const { return {}; }
  template <typename T>
  std::string operator()(const T* place) const requires std::is_unsigned_v<T> {
    if (setting.kind == Kind::kSize) return size_text(*place);
    const bool no_limit = *place == std::numeric_limits<T>::max();
    return std::to_string(no_limit ? 0 : *place);
  }
  template <typename T>
  std::string operator()(const T* place) const requires std::is_enum_v<T> {
    return std::string(setting.words[static_cast<std::size_t>(*place)]);
  }
};

/// Where the daemon's own settings lie in one Settings.
class Places {
 public:
  explicit Places(Settings& settings) : settings_(settings) {}
  Slot of(const Setting& setting) {
    return setting.slot({settings_, application_, listen_});
  }

 private:
  Settings& settings_;
  ApplicationSettings application_;
  Listen listen_;
};

/// `listen` stands for its items: what they say is in its text.
bool is_the_daemons(const Setting& setting) {
  return !setting.of_application() && !setting.of_listen();
}

}  // namespace

std::vector<NeedsRestart> needs_restart(const Settings& in_force,
                                        const Settings& wanted) {
  Settings now = in_force;
  Settings then = wanted;
  Places places_now(now);
  Places places_then(then);
  std::vector<NeedsRestart> differing;
  for (const Setting& setting : table()) {
    if (!is_the_daemons(setting) || setting.is_taken_in()) continue;
    std::string text_now = std::visit(Spell{setting}, places_now.of(setting));
    std::string text_then = std::visit(Spell{setting}, places_then.of(setting));
    if (text_now == text_then) continue;
    differing.push_back(
        {std::string(setting.key), std::move(text_now), std::move(text_then)});
  }
  return differing;
}

Settings taken_in(Settings in_force, const Settings& wanted) {
  Settings then = wanted;
  Places places(in_force);
  Places places_then(then);
  for (const Setting& setting : table()) {
    if (!is_the_daemons(setting) || !setting.is_taken_in()) continue;
    std::visit([from = places_then.of(setting)](
                   auto* place) { *place = **std::get_if<decltype(place)>(&from); },
               places.of(setting));
  }
  in_force.applications = wanted.applications;
  const std::vector<Listen> listeners = in_force.listen;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const auto same = same_listener(listeners, i, wanted.listen);
    const bool both = same && listeners[i].tls && wanted.listen[*same].tls;
    if (both) in_force.listen[i].tls = wanted.listen[*same].tls;
  }
  return in_force;
}

std::optional<std::size_t> same_listener(const std::vector<Listen>& in_force,
                                         std::size_t index,
                                         const std::vector<Listen>& wanted) {
  const Address& address = in_force[index].address;
  std::size_t before = 0;  // port 0, or systemd, may stand there several times
  for (std::size_t i = 0; i < index; ++i) before += in_force[i].address == address;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].address == address && before-- == 0) return i;
  }
  return std::nullopt;
}

}  // namespace spoa::settings
