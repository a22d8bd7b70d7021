// HAPROXY-DISCONNECT (SPOE.txt 3.2.8): HAProxy closes, and says why.
#pragma once

#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa::decode {

/// Reads why HAProxy closes, for the log. `frame` is of that type. The Disconnect views
/// its payload. Any thread.
///
/// A missing or mistyped status-code reads as DisconnectCode::kUnknown, a missing message
/// as empty: the connection ends either way. Unknown keys are skipped.
///
/// Errors    kBadIds, kNotFinal; those of read_pair for a payload that is no KV-LIST.
Result<Disconnect, WireError> read_disconnect(const Frame& frame) noexcept;

}  // namespace spoa::decode
