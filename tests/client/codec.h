// SPOP as a test speaks it: both directions of every frame, from doc/SPOE.txt alone. Byte
// strings are std::string here. Nothing is checked on the way out: tests send nonsense.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spop {

enum Type : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInt32 = 2,
  kUint32 = 3,
  kInt64 = 4,
  kUint64 = 5,
  kIp4 = 6,
  kIp6 = 7,
  kStr = 8,
  kBin = 9,
};

/// Typed data. `number` counts for BOOL and integers, `bytes` for addresses and texts.
struct Data {
  std::uint8_t type = kNull;
  std::uint64_t number = 0;
  std::string bytes;

  bool operator==(const Data&) const = default;
};

Data null();
Data boolean(bool yes);
Data integer(std::int64_t number, Type type = kInt64);
Data text(std::string_view bytes);
Data binary(std::string_view bytes);
/// IPv4 or IPv6, numeric; nullopt for anything else.
std::optional<Data> ip(const std::string& address);

using NamedData = std::pair<std::string, Data>;

enum FrameKind : std::uint8_t {
  kUnset = 0,
  kHaproxyHello = 1,
  kHaproxyDisconnect = 2,
  kNotify = 3,
  kAgentHello = 101,
  kAgentDisconnect = 102,
  kAck = 103,
};

struct Frame {
  std::uint8_t kind = kUnset;
  std::uint32_t flags = 1;  ///< 1: FIN, 2: ABORT
  std::uint64_t stream = 0;
  std::uint64_t frame = 0;
  std::string payload;
};

struct Message {
  std::string name;
  std::vector<NamedData> arguments;
};

struct Variable {
  std::uint8_t scope = 0;  ///< 0 proc, 1 sess, 2 txn, 3 req, 4 res
  std::string name;
  Data value;
};

std::string encode_varint(std::uint64_t value);
std::string encode_string(std::string_view bytes);
std::string encode_data(const Data& data);
std::string encode_pairs(const std::vector<NamedData>& pairs);
std::string encode_messages(const std::vector<Message>& messages);
/// The whole frame, its length in front.
std::string encode_frame(const Frame& frame);
/// The value of `req.hdrs_bin`: pairs of strings, then an empty pair.
std::string encode_headers(
    const std::vector<std::pair<std::string, std::string>>& headers);

/// All nullopt unless the bytes are exactly what is asked for, whole.
std::optional<Frame> decode_frame(std::string_view without_length);
std::optional<std::vector<NamedData>> decode_pairs(std::string_view payload);
/// set-var actions only: the agent has no other.
std::optional<std::vector<Variable>> decode_actions(std::string_view payload);

}  // namespace spop
