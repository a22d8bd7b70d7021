// What a cut body lacks to be well-formed, so that the library's parsers read what came.
//
// Pure functions: no library, no allocation beyond the ending and the stack of what is
// open, linear time, no recursion. Nothing is ever invented but what closes: a token
// whose end was cut off keeps what it says, and is left out only where it says nothing.
//
// nullopt: what came before the cut is not well-formed already, so that the whole body
// would have been refused, too.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spoa::inspect {

/// The first `kept` bytes of what came, then `ending`.
struct Completion {
  std::size_t kept = 0;
  std::string ending;
  bool operator==(const Completion&) const = default;
};

/// RFC 8259, in the dialect of the library's parser (yajl): `\v` and `\f` are blanks, and
/// an escaped surrogate may stand alone. Beyond `max_depth` open arrays and objects:
/// nullopt.
std::optional<Completion> complete_json(std::string_view cut, std::size_t max_depth);

/// XML 1.0 with namespaces. Only what can be closed is looked at: names and their
/// nesting, quotes, comments, CDATA, processing instructions, the document type. The rest
/// is the parser's to judge. UTF-16, and more than 256 open elements: nullopt.
std::optional<Completion> complete_xml(std::string_view cut);

/// multipart/form-data (RFC 7578), taken apart in the library's way.
std::optional<Completion> complete_multipart(std::string_view cut,
                                             std::string_view boundary);

/// The boundary in a Content-Type, as the library reads it; nullopt where it refuses.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// A form, urlencoded: only the last character can be unfinished.
Completion complete_form(std::string_view cut);

/// Bytes at the end that begin a character of UTF-8 but do not finish it: 0 to 3.
std::size_t unfinished_utf8(std::string_view text) noexcept;

}  // namespace spoa::inspect
