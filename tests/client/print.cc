#include "print.h"

#include <arpa/inet.h>

#include <array>

#include "escape.h"

namespace spop {

std::string to_text(const Data& data) {
  std::array<char, INET6_ADDRSTRLEN> address{};
  switch (data.type) {
    case kNull:
      return "null";
    case kBool:
      return data.number != 0 ? "true" : "false";
    case kInt32:
    case kInt64:
      return std::to_string(static_cast<std::int64_t>(data.number));
    case kUint32:
    case kUint64:
      return std::to_string(data.number);
    case kIp4:
    case kIp6:
      inet_ntop(data.type == kIp4 ? AF_INET : AF_INET6, data.bytes.data(), address.data(),
                static_cast<socklen_t>(address.size()));
      return address.data();
    default:
      return escape(data.bytes);
  }
}

std::string to_line(const Ack& ack, bool with_ids) {
  static constexpr std::array kScopes{"proc.", "sess.", "", "req.", "res."};
  std::string line;
  if (with_ids) {
    line = "stream=" + std::to_string(ack.stream) + " frame=" + std::to_string(ack.frame);
  }
  for (const Variable& variable : ack.variables) {
    if (!line.empty()) line += ' ';
    line += kScopes.at(variable.scope) + escape(variable.name) + '=' +
            to_text(variable.value);
  }
  return line;
}

std::string to_line(const AgentHello& hello) {
  return "hello version=" + escape(hello.version) +
         " max-frame-size=" + std::to_string(hello.max_frame_size) +
         " capabilities=" + escape(hello.capabilities);
}

std::string to_line(const Frame& frame) {
  if (const auto ack = parse_ack(frame)) return to_line(*ack, true);
  if (const auto hello = parse_agent_hello(frame)) return to_line(*hello);
  if (const auto goodbye = parse_agent_disconnect(frame)) return "disconnect " + *goodbye;
  return "frame type=" + std::to_string(frame.kind) +
         " bytes=" + std::to_string(frame.payload.size());
}

}  // namespace spop
