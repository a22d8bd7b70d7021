// Cuts a stream of bytes into frames (SPOE.txt 3.2), whichever side sent them. Pure
// functions: the caller keeps the bytes, and asks again when it has more of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spoa/bytes.h"
#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa {

/// How many bytes the frame at the front takes, its length field included. Ask before
/// anything is stored: a length nobody accepts must not cost memory.
///
/// first_four  at least kLengthBytes bytes; more are not looked at.
/// limit       the largest length field accepted, in bytes.
///
/// Errors    kFrameTooSmall, kFrameTooBig; the latter is also what HTTP, TLS or a PROXY
///           header on this port look like. kTruncated: fewer than four bytes.
Result<std::size_t, WireError> frame_bytes(Bytes first_four,
                                           std::uint32_t limit) noexcept;

/// Reads the header of one frame. The Frame's payload views `whole`.
///
/// whole     exactly frame_bytes() bytes.
///
/// Types neither side defines pass: SPOE.txt 3.2.2 lets them be skipped. So do reserved
/// flags, and ids of 0 (the first NOTIFY of a HAProxy up to 3.0 has stream-id 0).
///
/// Errors    kTruncated: `whole` is not as long as its length field says, or its header
///           runs past its end. kVarintOverflow: an id.
Result<Frame, WireError> read_frame(Bytes whole) noexcept;

}  // namespace spoa
