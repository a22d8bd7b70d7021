// Bytes on a command line and on one line of output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spop {

/// Resolves \n \r \t \0 \\ and \xHH. nullopt for any other escape.
std::optional<std::string> unescape(std::string_view text);

/// The reverse: one printable word, without blanks. Empty stays empty.
std::string escape(std::string_view bytes);

/// Pairs of hexadecimal digits, blanks between them ignored. nullopt for anything else.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace spop
