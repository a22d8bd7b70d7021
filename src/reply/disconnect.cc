#include "disconnect.h"

#include <cstdint>
#include <string>

namespace spoa::reply {

void write_agent_disconnect(DisconnectCode code, std::string_view message, Buffer& out) {
  const std::string text = printable(message.substr(0, kLongestMessageBytes));
  const std::size_t begin = begin_frame(FrameType::kAgentDisconnect, {}, out);
  write_string("status-code", out);
  write_uint32(static_cast<std::uint32_t>(code), out);
  write_string("message", out);
  write_value(std::string_view(text), out);
  end_frame(begin, out);
}

}  // namespace spoa::reply
