// What a peer can do wrong on the wire. Each has a name for logs and for
// spoa_modsecurity_protocol_errors_total{error}, and the code of the DISCONNECT it earns.
#pragma once

#include <cstdint>
#include <string_view>

#include "spoa/spop.h"

namespace spoa {

enum class WireError : std::uint8_t {
  kFrameTooSmall,        ///< length field below kSmallestFrameBytes
  kFrameTooBig,          ///< length field above what was announced or allowed
  kTruncated,            ///< a length inside the frame points past its end
  kVarintOverflow,       ///< more than 10 bytes, or a value of 2^64 and above
  kBadDataType,          ///< typed data of a reserved type (10 to 15)
  kBadIds,               ///< HELLO or DISCONNECT with a stream-id or frame-id
  kNotFinal,             ///< HELLO or DISCONNECT without FIN
  kHelloExpected,        ///< the first frame is not HAPROXY-HELLO
  kSecondHello,          ///< HAPROXY-HELLO on an established connection
  kAgentFrame,           ///< a frame only agents may send (101 to 103)
  kNoVersion,            ///< HELLO without supported-versions
  kUnsupportedVersion,   ///< HELLO without version 2.0
  kNoMaxFrameSize,       ///< HELLO without max-frame-size
  kBadMaxFrameSize,      ///< max-frame-size below 256
  kInterlacedFragments,  ///< a fragment that belongs to no, or another, open NOTIFY
  kFragmentsTooBig,      ///< a fragmented NOTIFY above the limit
  kHelloTimeout,         ///< connected, but no HELLO in time
  kFrameTimeout,         ///< a frame begun, but not finished in time
  kBufferLimit,          ///< unfinished frames of all peers take the memory allowed
  kIdleTimeout,          ///< no frame for the time allowed
  kSlowReader,           ///< answers pile up: the peer does not read
  kTlsHandshake,         ///< no TLS, or not the certificate asked for
  kCrowdedOut,           ///< no HELLO yet when limits.connections was reached
};
inline constexpr std::size_t kWireErrors =
    static_cast<std::size_t>(WireError::kCrowdedOut) + 1;

/// Stable, lower case, words joined by `-`: the metric's label.
std::string_view name_of(WireError error) noexcept;

/// The status-code to send in AGENT-DISCONNECT (SPOE.txt 3.2.9).
DisconnectCode disconnect_code(WireError error) noexcept;

}  // namespace spoa
