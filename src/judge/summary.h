// The rules that matched, in few words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spoa/findings.h"

namespace spoa::judge {

struct Summary {
  std::uint32_t rules_hit = 0;  ///< distinct rules that log and matched
  std::string rule_ids;  ///< theirs, in order of first match, comma-separated, at most 32
};

Summary summarise(const std::vector<RuleMatch>& matches);

}  // namespace spoa::judge
