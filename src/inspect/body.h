// A body on its way to the rules: decoded, and no more of it than the limits allow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"

namespace spoa::inspect {

/// Moves, but does not copy: `bytes` is a view of what was given, or of `owned`.
struct Body {
  Body() = default;
  Body(Body&&) = default;
  Body& operator=(Body&&) = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  Bytes bytes;
  std::vector<std::uint8_t> owned;
  ContentCoding coding = ContentCoding::kIdentity;  ///< of which something was taken off
  BodyFault fault = BodyFault::kNone;
  /// Nothing could be decoded: `bytes` are as they were sent. There may be more behind
  /// such a header than compressed data: servers that ignore it read the body as it is.
  bool undecoded = false;

  /// As far as HAProxy handed it over.
  [[nodiscard]] bool whole() const noexcept { return fault == BodyFault::kNone; }
};

/// Of a request or a response. `sent` must outlive the result. Any thread.
Body prepare_body(Bytes sent, std::string_view content_encoding,
                  const BodyLimits& limits);

/// The values of all headers of that name, whatever its case, joined by commas.
std::string joined_values(const std::vector<Header>& headers, std::string_view name);

}  // namespace spoa::inspect
