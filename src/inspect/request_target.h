// What the library makes of a request's target, set right.
#pragma once

#include <string>
#include <string_view>

namespace modsecurity {
class Transaction;
}

namespace spoa::inspect {

/// Calls processURI(), then mends what rules would misread. Worker thread.
///
/// - An encoded `?` belongs to the path. Before 3.0.12 the library decodes first and
///   splits then, so that REQUEST_FILENAME, REQUEST_BASENAME and PATH_INFO end there
///   (CVE-2024-1019).
/// - `#` does not belong into a target (RFC 9112, 3.2), and the library leaves out all
///   that follows it. Servers do not: it is read as an ordinary character.
void process_target(modsecurity::Transaction& transaction, const std::string& target,
                    const std::string& method, const std::string& version);

/// %XX decoded, in the library's way: what is no such escape stays as it is.
std::string decode_escapes(std::string_view text);

}  // namespace spoa::inspect
