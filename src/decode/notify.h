// The payload of a NOTIFY: a list of messages (SPOE.txt 3.2.6).
#pragma once

#include <cstddef>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa::decode {

/// The most arguments whose memory `out` keeps from one NOTIFY to the next. HAProxy sends
/// a dozen; two bytes of payload are enough for one.
inline constexpr std::size_t kKeptArguments = 1024;

/// The most arguments taken from one NOTIFY: no configuration has as many, and at two
/// bytes each a large frame could hold millions.
inline constexpr std::size_t kMostArguments = 16384;

/// Lists every argument of every message, in order. They view `payload`. Any thread.
///
/// payload   whole: fragments have been put together.
/// out       cleared first, memory kept up to kKeptArguments, so that the usual NOTIFY
///           allocates nothing. Empty after an error.
///
/// Success with no argument: a NOTIFY without messages (HAProxy 3.1.0 to 3.2 sends them
/// when every condition is false), or whose messages have none.
///
/// Errors    those of read_pair; kTruncated also for an argument count above what
///           follows; kBufferLimit: more than kMostArguments. The frame around the
///           payload is sound: the connection can stay.
Result<void, WireError> read_notify(Bytes payload, std::vector<Argument>& out);

}  // namespace spoa::decode
