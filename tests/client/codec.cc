#include "codec.h"

#include <arpa/inet.h>

namespace spop {
namespace {

char byte_of(std::uint64_t value) { return static_cast<char>(value & 0xff); }

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += byte_of(value >> shift);
  return bytes;
}

/// Reads from the front. The first mistake sticks: everything after it reads as empty.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool more() const { return !failed_ && !bytes_.empty(); }

  std::string take(std::uint64_t count) {
    if (failed_ || count > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string taken(bytes_.substr(0, count));
    bytes_.remove_prefix(count);
    return taken;
  }

  std::uint8_t byte() {
    const std::string one = take(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }

  std::uint32_t word() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value * 256 + byte();
    return value;
  }

  std::uint64_t varint() {
    const std::uint8_t first = byte();
    if (first < 240) return first;
    std::uint64_t value = first;
    for (unsigned shift = 4; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value += static_cast<std::uint64_t>(next) << shift;
      if (next < 128) return value;
    }
    failed_ = true;
    return 0;
  }

  std::string string() { return take(varint()); }

  Data data() {
    const std::uint8_t head = byte();
    Data data;
    data.type = head & 15;
    switch (data.type) {
      case kNull:
        break;
      case kBool:
        data.number = head >> 4 == 1 ? 1 : 0;  // as HAProxy reads it
        break;
      case kInt32:
      case kUint32:
      case kInt64:
      case kUint64:
        data.number = varint();
        break;
      case kIp4:
        data.bytes = take(4);
        break;
      case kIp6:
        data.bytes = take(16);
        break;
      case kStr:
      case kBin:
        data.bytes = string();
        break;
      default:
        failed_ = true;
    }
    return data;
  }

  std::string rest() { return take(bytes_.size()); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace

Data null() { return {}; }
Data boolean(bool yes) { return {kBool, yes ? 1U : 0U, {}}; }
Data integer(std::int64_t number, Type type) {
  return {type, static_cast<std::uint64_t>(number), {}};
}
Data text(std::string_view bytes) { return {kStr, 0, std::string(bytes)}; }
Data binary(std::string_view bytes) { return {kBin, 0, std::string(bytes)}; }

std::optional<Data> ip(const std::string& address) {
  char bytes[16];
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) {
    return Data{kIp4, 0, std::string(bytes, 4)};
  }
  if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) {
    return Data{kIp6, 0, std::string(bytes, 16)};
  }
  return std::nullopt;
}

std::string encode_varint(std::uint64_t value) {
  if (value < 240) return {byte_of(value)};
  std::string bytes{byte_of(240 + (value - 240) % 16)};
  for (value = (value - 240) / 16; value >= 128; value = (value - 128) / 128) {
    bytes += byte_of(128 + (value - 128) % 128);
  }
  return bytes + byte_of(value);
}

std::string encode_string(std::string_view bytes) {
  return encode_varint(bytes.size()).append(bytes);
}

std::string encode_data(const Data& data) {
  const std::string head{byte_of(data.type)};
  switch (data.type) {
    case kBool:
      return {byte_of(data.number != 0 ? 0x11 : 0x01)};
    case kInt32:
    case kUint32:
    case kInt64:
    case kUint64:
      return head + encode_varint(data.number);
    case kStr:
    case kBin:
      return head + encode_string(data.bytes);
    default:
      return head + data.bytes;
  }
}

std::string encode_pairs(const std::vector<NamedData>& pairs) {
  std::string bytes;
  for (const auto& [name, data] : pairs) bytes += encode_string(name) + encode_data(data);
  return bytes;
}

std::string encode_messages(const std::vector<Message>& messages) {
  std::string bytes;
  for (const Message& message : messages) {
    bytes += encode_string(message.name) + byte_of(message.arguments.size()) +
             encode_pairs(message.arguments);
  }
  return bytes;
}

std::string encode_frame(const Frame& frame) {
  const std::string body = byte_of(frame.kind) + big_endian(frame.flags) +
                           encode_varint(frame.stream) + encode_varint(frame.frame) +
                           frame.payload;
  return big_endian(static_cast<std::uint32_t>(body.size())) + body;
}

std::string encode_headers(
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string bytes;
  for (const auto& [name, value] : headers) {
    bytes += encode_string(name) + encode_string(value);
  }
  return bytes.append(2, '\0');
}

std::optional<Frame> decode_frame(std::string_view without_length) {
  Source source(without_length);
  Frame frame;
  frame.kind = source.byte();
  frame.flags = source.word();
  frame.stream = source.varint();
  frame.frame = source.varint();
  frame.payload = source.rest();
  if (source.failed()) return std::nullopt;
  return frame;
}

std::optional<std::vector<NamedData>> decode_pairs(std::string_view payload) {
  Source source(payload);
  std::vector<NamedData> pairs;
  while (source.more()) {
    std::string name = source.string();
    pairs.emplace_back(std::move(name), source.data());
  }
  if (source.failed()) return std::nullopt;
  return pairs;
}

std::optional<std::vector<Variable>> decode_actions(std::string_view payload) {
  Source source(payload);
  std::vector<Variable> variables;
  while (source.more()) {
    const bool set_var = source.byte() == 1 && source.byte() == 3;
    Variable variable;
    variable.scope = source.byte();
    variable.name = source.string();
    variable.value = source.data();
    if (!set_var || variable.scope > 4) return std::nullopt;
    variables.push_back(std::move(variable));
  }
  if (source.failed()) return std::nullopt;
  return variables;
}

}  // namespace spop
