// HAProxy's two spellings of a header block.
#pragma once

#include <string_view>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/request.h"

namespace spoa::extract {

/// `req.hdrs_bin`: name and value as byte strings (varint length, bytes), over and over,
/// up to an empty name and an empty value. Empty values are legal, so only an empty
/// *name* ends the block. Bytes behind the end are refused: they would go uninspected.
///
/// Appends to `out`, views into `block`. False when the block does not parse; `out` then
/// holds what came before the damage.
bool read_binary_headers(Bytes block, std::vector<Header>& out);

/// `req.hdrs`: `name: value` CRLF, over and over, then a last CRLF. As above. A line
/// without a colon is refused.
bool read_text_headers(std::string_view block, std::vector<Header>& out);

}  // namespace spoa::extract
