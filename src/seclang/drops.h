// Which rules drop the connection. The library turns `drop` into `deny`: only the rules
// tell.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "reader.h"

namespace spoa::seclang {

/// The ids of rules whose verdict is `drop`: their own, by `block` through
/// SecDefaultAction of their phase, or by SecRuleUpdateActionById. SecRuleEngine and
/// removals are not considered.
std::unordered_set<std::int64_t> ids_that_drop(const Document& document);

}  // namespace spoa::seclang
