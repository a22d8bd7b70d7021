#include "hello.h"

#include <algorithm>
#include <string>

namespace spoa::reply {

std::uint32_t write_agent_hello(const Hello& peer, std::uint32_t own_limit, Buffer& out) {
  const std::uint32_t agreed = std::min(own_limit, peer.max_frame_size);
  const std::size_t begin = begin_frame(FrameType::kAgentHello, {}, out);
  write_string("version", out);
  write_value(kSpopVersion, out);
  write_string("max-frame-size", out);
  write_uint32(agreed, out);
  write_string("capabilities", out);
  const std::string offered =
      std::string(kCapabilityPipelining).append(",").append(kCapabilityFragmentation);
  write_value(std::string_view(offered), out);
  end_frame(begin, out);
  return agreed;
}

}  // namespace spoa::reply
