// Content codings of bodies: gzip and deflate, decoded within limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/findings.h"
#include "spoa/settings.h"

namespace spoa::inspect {

/// A body with more codings than this is nobody's honest one.
inline constexpr std::size_t kMaxCodings = 3;

/// What came out of a coded body.
struct Decoded {
  std::vector<std::uint8_t> bytes;                  ///< up to where decoding ended
  ContentCoding coding = ContentCoding::kIdentity;  ///< the last one taken off, or tried
  BodyFault fault = BodyFault::kNone;               ///< why it is not the whole body
};

/// Whether there is anything to decode: a coding other than `identity`.
bool is_coded(std::string_view content_encoding);

/// Takes the codings of a Content-Encoding (RFC 9110, 8.4: a list, in the order they were
/// applied) off a body: gzip and x-gzip of any number of members (RFC 1952), deflate in
/// zlib's wrapping (RFC 1950) or bare (RFC 1951), for both are sent.
///
/// No more comes out than `limits` allow, on the way neither. An unfinished or damaged
/// stream yields what could be decoded; a coding that is not known, or more of them than
/// kMaxCodings, nothing. Any thread; takes time in proportion to what comes out.
Decoded decompress(Bytes sent, std::string_view content_encoding,
                   const BodyLimits& limits);

}  // namespace spoa::inspect
