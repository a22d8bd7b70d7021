// HAPROXY-HELLO (SPOE.txt 3.2.4), the first frame of a connection.
#pragma once

#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa::decode {

/// Reads and checks the handshake. The Hello views the frame's payload. Any thread.
///
/// Keys are taken by name, in any order; of one given twice the last counts; unknown ones
/// are skipped. A mandatory key of the wrong type counts as missing, an optional one is
/// ignored. `capabilities` may be missing: all it could say is that answers must come in
/// order, and a peer that cares says so. `engine-id` is missing in health checks.
///
/// A version "2.N" is enough: it stands for every minor below it, 2.0 among them.
///
/// Errors    kHelloExpected: another type. kBadIds: not 0/0. kNotFinal: no FIN.
///           kNoVersion, kUnsupportedVersion, kNoMaxFrameSize. kBadMaxFrameSize: below
///           kSmallestMaxFrameSize, or more than a length field can say. Those of
///           read_pair for a payload that is no KV-LIST.
Result<Hello, WireError> read_hello(const Frame& frame) noexcept;

}  // namespace spoa::decode
