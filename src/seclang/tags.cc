#include "tags.h"

#include "rule.h"

namespace spoa::seclang {

std::unordered_map<std::int64_t, std::vector<std::string>> tags_by_id(
    const Document& document) {
  std::unordered_map<std::int64_t, std::vector<std::string>> tags;
  for (const Rule& rule : rules_of(document)) {
    if (rule.chained || rule.id == 0) continue;
    for (const Action& action : rule.actions) {
      if (action.name != "tag" || action.value.find("%{") != std::string::npos) continue;
      tags[rule.id].push_back(action.value);
    }
  }
  return tags;
}

}  // namespace spoa::seclang
