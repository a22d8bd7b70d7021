// One HTTP request on its way through the agent: what HAProxy handed over, understood.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/context.h"

namespace spoa {

/// Views into Request::payload.
struct Header {
  std::string_view name;
  std::string_view value;
  bool operator==(const Header&) const = default;
};

/// One end of the client's connection. An empty ip means HAProxy did not say.
struct Endpoint {
  std::string ip;  ///< numeric, IPv4 or IPv6, no brackets
  std::uint16_t port = 0;
};

/// Why a message could not be taken as a whole request. The reason its sender hears is
/// `bad-request`; these names are for the log and for the counter beside it.
enum class RequestFault : std::uint8_t {
  kNone,
  kUndecodable,     ///< the payload inside an intact frame is not SPOP
  kNoArguments,     ///< no message, or none with an argument we know
  kMissingMethod,   ///< no `method`, or NULL
  kMissingHeaders,  ///< `headers` was sent but NULL: HAProxy could not fit them
  kWrongType,       ///< an argument of a type its name does not allow
  kContradiction,   ///< one argument twice, with different values
  kBadHeaders,      ///< the header block does not parse
  kBadAddress,      ///< a textual address that is none
};
inline constexpr std::size_t kRequestFaults =
    static_cast<std::size_t>(RequestFault::kBadAddress) + 1;

/// Stable, lower case, words joined by `-`.
std::string_view name_of(RequestFault fault) noexcept;

/// Whose message it is, by its name: what its senders expect of the answer's variables.
enum class Dialect : std::uint8_t {
  kNamed,   ///< any message of named arguments
  kLegacy,  ///< the 2017 agent's `check-request`: its eight arguments have no names
  kCoraza,  ///< coraza-spoa's `coraza-req` and `coraza-res`
};

/// Built on the loop thread, then only read: by one worker, and by the event writer.
///
/// It owns its bytes (`payload`, and the few texts that had to be put together); every
/// view points into `payload`, so a Request moves but does not copy.
struct Request {
  Request() = default;
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  std::vector<std::uint8_t> payload;

  std::string id;        ///< printable; made up when HAProxy sent none
  std::string_view app;  ///< as sent; empty: the default application
  std::string_view method;
  std::string uri;              ///< path, `?` and query, undecoded; "*" for `OPTIONS *`
  std::string_view version;     ///< "1.1": without "HTTP/"
  std::vector<Header> headers;  ///< in order, duplicates kept
  Bytes body;
  std::optional<std::uint64_t> announced_body_bytes;  ///< `body-size`
  bool body_truncated = false;  ///< HAProxy handed over less than the whole body
  Endpoint client;
  Endpoint server;
  std::optional<int> response_status;  ///< set: this is a response, not a request
  Context context;
  Dialect dialect = Dialect::kNamed;
  /// coraza-res asks that nothing be done to this response, whatever the rules say.
  bool detect_only = false;

  RequestFault fault = RequestFault::kNone;
  std::uint32_t unknown_arguments = 0;
};

/// The value of the first header of that name, whatever its case, or "".
std::string_view header_value(const Request& request, std::string_view name) noexcept;

}  // namespace spoa
