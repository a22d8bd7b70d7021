// The library's own words about a rules file it refused, as a Problem.
#pragma once

#include <string>
#include <string_view>

#include "spoa/settings.h"

namespace spoa::seclang {

/// Takes what getParserError() gives: "Rules error. File: F. Line: L. Column: C. text",
/// or a bare text. `fallback_file` is the file that was being loaded: the library's own
/// place is kept only when it names a file, for without one its line is made up.
Problem from_library_error(std::string_view text, std::string fallback_file);

}  // namespace spoa::seclang
