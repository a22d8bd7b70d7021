// SPOP 2.0's numbers and words, as in HAProxy's doc/SPOE.txt, section 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spoa {

/// SPOE.txt 3.2: the type byte of a frame.
enum class FrameType : std::uint8_t {
  kUnset = 0,  ///< continuation of a fragmented NOTIFY (HAProxy up to 3.0)
  kHaproxyHello = 1,
  kHaproxyDisconnect = 2,
  kNotify = 3,
  kAgentHello = 101,
  kAgentDisconnect = 102,
  kAck = 103,
};

/// SPOE.txt 3.2: bits of the flags field; every other bit is ignored on input, 0 on
/// output.
inline constexpr std::uint32_t kFlagFin = 0x1;
inline constexpr std::uint32_t kFlagAbort = 0x2;

/// SPOE.txt 3.1: the low nibble of a typed value's first byte. 10 to 15 are reserved.
enum class DataType : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInt32 = 2,
  kUint32 = 3,
  kInt64 = 4,
  kUint64 = 5,
  kIpv4 = 6,
  kIpv6 = 7,
  kString = 8,
  kBinary = 9,
};
inline constexpr std::uint8_t kDataTypeMask = 0x0f;
inline constexpr std::uint8_t kBoolTrueFlag = 0x10;

/// SPOE.txt 3.2.8, 3.2.9: the status-code of a DISCONNECT. An agent must keep to these:
/// codes 14 to 98 in answer to a health check crash HAProxy up to 3.0.
enum class DisconnectCode : std::uint32_t {
  kNormal = 0,
  kIo = 1,
  kTimeout = 2,
  kFrameTooBig = 3,
  kInvalidFrame = 4,
  kNoVersion = 5,
  kNoMaxFrameSize = 6,
  kNoCapabilities = 7,
  kUnsupportedVersion = 8,
  kBadMaxFrameSize = 9,
  kFragmentationUnsupported = 10,
  kInterlacedFrames = 11,
  kFrameIdNotFound = 12,
  kResourceAllocation = 13,
  kUnknown = 99,
};

/// SPOE.txt 3.2.7: actions of an ACK and the scopes of a variable.
enum class ActionType : std::uint8_t { kSetVar = 1, kUnsetVar = 2 };
enum class Scope : std::uint8_t { kProc = 0, kSess = 1, kTxn = 2, kReq = 3, kRes = 4 };

inline constexpr std::string_view kSpopVersion = "2.0";
inline constexpr std::string_view kCapabilityPipelining = "pipelining";
inline constexpr std::string_view kCapabilityFragmentation = "fragmentation";

/// The 32-bit length in front of a frame; it does not count itself.
inline constexpr std::size_t kLengthBytes = 4;
/// type + flags + two one-byte varints: the least a length field can say.
inline constexpr std::size_t kSmallestFrameBytes = 7;
/// SPOE.txt 3.2: neither side may negotiate a smaller max-frame-size.
inline constexpr std::uint32_t kSmallestMaxFrameSize = 256;

}  // namespace spoa
