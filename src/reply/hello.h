// AGENT-HELLO (SPOE.txt 3.2.5).
#pragma once

#include <cstdint>

#include "spoa/frame.h"
#include "writer.h"

namespace spoa::reply {

/// Appends the answer to `peer`, one frame. Returns the max-frame-size it settles, in
/// bytes: the smaller of own_limit and what the peer announced. Any thread.
///
/// own_limit  at least kSmallestMaxFrameSize.
///
/// Send it in one write: HAProxy 3.2 to 3.4 never finish a handshake whose answer comes
/// in two parts. Health checks of HAProxy 3.1 and later want all three keys, and nothing
/// behind the frame.
///
/// It offers pipelining and fragmentation, whatever the peer offers (HAProxy takes what
/// both know), and never async, under which the requests of a lost connection would wait
/// out their whole timeout instead of failing at once.
std::uint32_t write_agent_hello(const Hello& peer, std::uint32_t own_limit, Buffer& out);

}  // namespace spoa::reply
