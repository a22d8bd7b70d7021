#include "request_builder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "arguments.h"
#include "context.h"
#include "headers.h"

namespace spoa::extract {
namespace {

// Ids go into every event and back to HAProxy; longer ones are cut.
constexpr std::size_t kMaxIdBytes = 128;

// HAProxy keeps tune.maxrewrite (1024 bytes) of its buffer free, and the same again
// covers the overhead of its own representation: a payload this close to the frame's end
// means that the buffer was full.
constexpr std::uint32_t kReservedBytes = 2048;

std::string make_id() {
  // Ids only have to be different from each other; the loop thread is their only maker.
  static std::mt19937_64 generator{(std::uint64_t{std::random_device{}()} << 32) |
                                   std::random_device{}()};
  return fmt::format("{:016x}{:016x}", generator(), generator());
}

/// Echoed as sent, but for what would break a log line or a header.
std::string read_id(std::string_view sent) {
  if (sent.empty()) return make_id();
  std::string id(sent.substr(0, kMaxIdBytes));
  std::replace_if(
      id.begin(), id.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; },
      '_');
  return id;
}

/// The library takes the URI as a C string: a NUL would hide the rest from it.
void append_without_nul(std::string& out, std::string_view text) {
  for (std::size_t nul; (nul = text.find('\0')) != std::string_view::npos;) {
    out.append(text.substr(0, nul)).append("%00");
    text.remove_prefix(nul + 1);
  }
  out.append(text);
}

/// HAProxy's `path` is NULL for `OPTIONS *` and CONNECT.
std::string target_without_path(const Request& request) {
  if (request.response_status) return {};
  return request.method == "CONNECT" ? std::string(header_value(request, "host")) : "*";
}

std::string read_uri(Arguments& arguments, const Request& request) {
  std::string uri;
  if (const auto url = arguments.text(Key::kUrl)) {
    append_without_nul(uri, *url);
    return uri;
  }
  const auto path = arguments.text(Key::kPath);
  const auto query = arguments.text(Key::kQuery);
  if (path) {
    append_without_nul(uri, *path);
  } else {
    uri = target_without_path(request);
  }
  if (query) {
    uri.push_back('?');
    append_without_nul(uri, *query);
  }
  return uri;
}

void read_headers(Arguments& arguments, Request& request) {
  const Value* value = arguments.find(Key::kHeaders);
  if (value == nullptr) return;
  if (arguments.is_null(Key::kHeaders)) {
    arguments.fail(RequestFault::kMissingHeaders);
    return;
  }
  bool whole = false;
  if (const auto* block = std::get_if<Bytes>(value)) {
    whole = read_binary_headers(*block, request.headers);
  } else if (const auto* text = std::get_if<std::string_view>(value)) {
    whole = read_text_headers(*text, request.headers);
  } else {
    arguments.fail(RequestFault::kWrongType);
    return;
  }
  if (!whole) arguments.fail(RequestFault::kBadHeaders);
}

/// Cut by HAProxy's buffer: fewer bytes than announced; or, when no size is announced
/// (chunked, HTTP/2), a body in a payload with no room for more.
bool is_truncated(const Request& request, std::uint32_t max_frame_size) {
  const std::uint64_t announced = request.announced_body_bytes.value_or(0);
  if (announced > 0) return request.body.size() < announced;
  const std::uint32_t reserved = std::min(kReservedBytes, max_frame_size / 8);
  return !request.body.empty() && request.payload.size() + reserved >= max_frame_size;
}

void read_body(Arguments& arguments, Request& request, std::uint32_t max_frame_size) {
  // NULL is how some HAProxy versions say "empty" (`bytes(0,n)` of an empty body).
  request.body = arguments.bytes(Key::kBody).value_or(Bytes{});
  request.announced_body_bytes = arguments.number(Key::kBodySize);
  if (arguments.sent(Key::kBody))
    request.body_truncated = is_truncated(request, max_frame_size);
}

std::string read_ip(Arguments& arguments, Key key) {
  const Value* value = arguments.find(key);
  if (value == nullptr || arguments.is_null(key)) return {};
  if (const auto* v4 = std::get_if<Ipv4>(value)) return spell(*v4);
  if (const auto* v6 = std::get_if<Ipv6>(value)) return spell(*v6);
  if (const auto* given = std::get_if<std::string_view>(value)) {
    const std::string name(*given);
    std::uint8_t octets[16];
    if (inet_pton(AF_INET, name.c_str(), octets) != 1 &&
        inet_pton(AF_INET6, name.c_str(), octets) != 1) {
      arguments.fail(RequestFault::kBadAddress);
      return {};
    }
    return name;
  }
  arguments.fail(RequestFault::kWrongType);
  return {};
}

Endpoint read_endpoint(Arguments& arguments, Key ip, Key port) {
  Endpoint endpoint{read_ip(arguments, ip), 0};
  const std::uint64_t number = arguments.number(port).value_or(0);
  if (number > 65535) {
    arguments.fail(RequestFault::kBadAddress);
  } else {
    endpoint.port = static_cast<std::uint16_t>(number);
  }
  return endpoint;
}

bool is_true(const Arguments& arguments, Key key) {
  const Value* value = arguments.find(key);
  const bool* flag = value == nullptr ? nullptr : std::get_if<bool>(value);
  return flag != nullptr && *flag;
}

void read_response_status(Arguments& arguments, Request& request) {
  if (!arguments.sent(Key::kStatus)) return;
  request.response_status = static_cast<int>(
      std::min<std::uint64_t>(arguments.number(Key::kStatus).value_or(0), 999));
}

}  // namespace

Request build_request(std::vector<std::uint8_t> payload,
                      const std::vector<Argument>& sent, std::uint32_t max_frame_size) {
  Request request;
  request.payload = std::move(payload);
  Arguments arguments(sent);
  if (arguments.known() == 0) arguments.fail(RequestFault::kNoArguments);

  request.id = read_id(arguments.text(Key::kId).value_or(std::string_view{}));
  request.app = arguments.text(Key::kApp).value_or(std::string_view{});
  request.method = arguments.text(Key::kMethod).value_or(std::string_view{});
  request.version = arguments.text(Key::kVersion).value_or(std::string_view{});
  read_response_status(arguments, request);
  if (request.method.empty() && !request.response_status) {
    arguments.fail(RequestFault::kMissingMethod);
  }
  read_headers(arguments, request);
  request.uri = read_uri(arguments, request);
  read_body(arguments, request, max_frame_size);
  request.client = read_endpoint(arguments, Key::kSrcIp, Key::kSrcPort);
  request.server = read_endpoint(arguments, Key::kDstIp, Key::kDstPort);
  request.context = read_context(arguments);
  request.dialect = arguments.dialect();
  request.detect_only = request.dialect == Dialect::kCoraza && request.response_status &&
                        is_true(arguments, Key::kDetectOnly);

  request.unknown_arguments = arguments.unknown();
  request.fault = arguments.fault();
  return request;
}

Request undecodable_request(std::vector<std::uint8_t> payload) {
  Request request;
  request.payload = std::move(payload);
  request.id = make_id();
  request.fault = RequestFault::kUndecodable;
  return request;
}

}  // namespace spoa::extract
