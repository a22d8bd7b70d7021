#include "summary.h"

#include <unordered_set>

namespace spoa::judge {

Summary summarise(const std::vector<RuleMatch>& matches) {
  constexpr std::uint32_t kMaxListed = 32;
  Summary summary;
  if (matches.empty()) return summary;
  std::unordered_set<std::int64_t> seen;
  for (const RuleMatch& match : matches) {
    if (!seen.insert(match.id).second) continue;
    if (++summary.rules_hit > kMaxListed) continue;
    if (!summary.rule_ids.empty()) summary.rule_ids.push_back(',');
    summary.rule_ids += std::to_string(match.id);
  }
  return summary;
}

}  // namespace spoa::judge
