// The library's own words about a rules file it refused, as a Problem.
#pragma once

#include <string>
#include <string_view>

#include "reader.h"

namespace spoa::seclang {

/// Takes what getParserError() gives: "Rules error. File: F. Line: L. Column: C. text",
/// or a bare text. `fallback_file` is the file that was being loaded: the library's own
/// place is kept only when it names a file, for without one its line is made up.
Problem from_library_error(std::string_view text, std::string fallback_file);

/// The same, placed at the directive that is meant: the library counts no line breaks
/// inside of some directives, and reports errors of others behind the directive before.
/// `document` is what was being loaded. When no directive can be told, the file alone is
/// named, for the library's place would mislead.
Problem from_library_error(std::string_view text, std::string fallback_file,
                           const Document& document);

}  // namespace spoa::seclang
