// A request as somebody would write it into a file, taken to pieces as HAProxy would.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spoa/result.h"

namespace spoa::bench {

struct HttpRequest {
  std::string method;
  std::string path;
  std::optional<std::string> query;  ///< nothing: there is no question mark
  std::string version;               ///< "1.1"
  /// In order, names in lower case, values without the blanks around them.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// raw  request line, headers, an empty line, the body, which is all the rest. Lines end
///      with CRLF or LF. An absolute target is cut to its path and query.
///
/// Error: what is wrong, with the number of the line.
Result<HttpRequest, std::string> parse_request(std::string_view raw);

}  // namespace spoa::bench
