// What the wire carries, decoded but not yet understood. All views: they live as long as
// the bytes they were read from.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "spoa/bytes.h"
#include "spoa/spop.h"

namespace spoa {

/// Names one NOTIFY on one connection. An opaque token: 0 is legal, it is echoed exactly,
/// and it never links a request with its response (HAProxy 3.1 gives them unrelated ids).
struct FrameId {
  std::uint64_t stream = 0;
  std::uint64_t frame = 0;
  bool operator==(const FrameId&) const = default;
};

/// One frame (SPOE.txt 3.2), without its length field.
struct Frame {
  FrameType type = FrameType::kUnset;
  std::uint32_t flags = 0;
  FrameId id;
  Bytes payload;

  [[nodiscard]] bool fin() const noexcept { return (flags & kFlagFin) != 0; }
  [[nodiscard]] bool abort() const noexcept { return (flags & kFlagAbort) != 0; }
};

struct Ipv4 {
  std::array<std::uint8_t, 4> octets{};  ///< network order
  bool operator==(const Ipv4&) const = default;
};
struct Ipv6 {
  std::array<std::uint8_t, 16> octets{};  ///< network order
  bool operator==(const Ipv6&) const = default;
};

/// Typed data (SPOE.txt 3.1). NULL is monostate; signed and unsigned integers keep their
/// sign; a string and a binary keep their kind (`req.hdrs` and `req.hdrs_bin` differ by
/// it).
using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, Ipv4, Ipv6,
                           std::string_view, Bytes>;

/// One argument of one message of a NOTIFY.
struct Argument {
  std::string_view message;     ///< name of the message that carries it
  std::uint32_t message_index;  ///< 0 for the first message of the NOTIFY
  std::uint32_t position;       ///< 0 for the first argument of its message
  std::string_view name;        ///< empty for an unnamed argument
  Value value;
};

/// HAPROXY-HELLO (SPOE.txt 3.2.4), checked.
struct Hello {
  std::uint32_t max_frame_size = 0;  ///< bytes, as announced; >= kSmallestMaxFrameSize
  bool pipelining = false;
  bool healthcheck = false;
  std::string_view engine_id{};  ///< empty in health checks
};

/// HAPROXY-DISCONNECT (SPOE.txt 3.2.8).
struct Disconnect {
  std::uint64_t status_code = 0;
  std::string_view message;
};

}  // namespace spoa
