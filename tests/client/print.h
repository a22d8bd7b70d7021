// One line for every frame an agent sent.
#pragma once

#include <string>

#include "client.h"

namespace spop {

std::string to_text(const Data& data);

/// `action=deny code=403 ...`, in the agent's order, values escaped. Variables of a scope
/// other than txn have it in front: `sess.name=`. With ids: `stream=1 frame=1 ` first.
std::string to_line(const Ack& ack, bool with_ids);

/// `hello version=2.0 max-frame-size=16380 capabilities=...`
std::string to_line(const AgentHello& hello);

/// Any frame: an ACK and an AGENT-HELLO as above, `disconnect status-code=...`, or
/// `frame type=.. bytes=..` for what is none of them or malformed.
std::string to_line(const Frame& frame);

}  // namespace spop
