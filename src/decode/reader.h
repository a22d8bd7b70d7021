// The frames HAProxy may send (SPOE.txt 3.2), cut off the stream of its bytes.
#pragma once

#include "frame_reader.h"

namespace spoa::decode {

/// As limit use what HAProxy announced even where less was negotiated: HAProxy 3.1.0
/// keeps to its own value.
using spoa::frame_bytes;

/// spoa::read_frame, and refuses what only agents send.
/// Errors    those of spoa::read_frame; kAgentFrame: an agent's type.
Result<Frame, WireError> read_frame(Bytes whole) noexcept;

}  // namespace spoa::decode
