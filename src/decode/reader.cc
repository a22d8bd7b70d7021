#include "reader.h"

namespace spoa::decode {
namespace {

bool only_agents_send(FrameType type) noexcept {
  return type == FrameType::kAgentHello || type == FrameType::kAgentDisconnect ||
         type == FrameType::kAck;
}

}  // namespace

Result<Frame, WireError> read_frame(Bytes whole) noexcept {
  auto frame = spoa::read_frame(whole);
  if (frame && only_agents_send(frame->type)) return WireError::kAgentFrame;
  return frame;
}

}  // namespace spoa::decode
