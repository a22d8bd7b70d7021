// The parts of the documentation that follow from the tables.
#pragma once

#include <string>
#include <string_view>

#include "spoa/result.h"

namespace spoa::settings {

/// A document with its generated parts filled in:
///   Markdown   what stands between `<!-- settings: begin -->` and `<!-- settings: end
///   -->` mdoc       a line `@settings@`, or `@flags COMMAND@`
/// Lines that are neither stay as they are. Error: what is wrong with a marker.
Result<std::string, const char*> filled(std::string_view document);

}  // namespace spoa::settings
