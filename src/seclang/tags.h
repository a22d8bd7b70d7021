// What rules say about themselves. The library forgets the tags of rules with multiMatch.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "reader.h"

namespace spoa::seclang {

/// The tags of each rule that has some, by its id, in the order written; of a chain,
/// those of its first rule. Tags with macros are left out: they are known at run time
/// only.
std::unordered_map<std::int64_t, std::vector<std::string>> tags_by_id(
    const Document& document);

}  // namespace spoa::seclang
