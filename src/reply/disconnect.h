// AGENT-DISCONNECT (SPOE.txt 3.2.9).
#pragma once

#include <cstddef>
#include <string_view>

#include "spoa/spop.h"
#include "writer.h"

namespace spoa::reply {

/// What leaves the frame below kSmallestMaxFrameSize. (HAProxy up to 3.0 refuses messages
/// above 255 bytes.)
inline constexpr std::size_t kLongestMessageBytes = 224;

/// Appends the last frame of a connection, which the caller then closes. Any thread.
///
/// message  cut after kLongestMessageBytes; control bytes become '?'.
void write_agent_disconnect(DisconnectCode code, std::string_view message, Buffer& out);

}  // namespace spoa::reply
