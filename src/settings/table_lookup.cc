// Looking things up in the table of settings.
#include <algorithm>

#include "table.h"

namespace spoa::settings {

const Setting* find(std::string_view key) noexcept {
  const auto row = std::find_if(table().begin(), table().end(),
                                [&](const Setting& s) { return s.key == key; });
  return row == table().end() ? nullptr : &*row;
}

std::vector<std::string_view> defaults_of(const Setting& setting) {
  constexpr std::string_view kBetween = ", ";
  std::vector<std::string_view> values;
  std::string_view rest = setting.fallback;
  while (!rest.empty()) {
    const std::size_t end =
        setting.is_list() ? rest.find(kBetween) : std::string_view::npos;
    values.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + kBetween.size());
  }
  return values;
}

std::vector<std::string_view> names_below(std::string_view path) {
  std::vector<std::string_view> names;
  for (const Setting& setting : table()) {
    std::string_view rest = setting.key;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() ||
          rest[path.size()] != '.') {
        continue;
      }
      rest.remove_prefix(path.size() + 1);
    }
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

}  // namespace spoa::settings
