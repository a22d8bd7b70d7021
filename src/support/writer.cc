#include "writer.h"

#include <algorithm>
#include <variant>

namespace spoa {
namespace {

void write_type(DataType type, Buffer& out) {
  out.push_back(static_cast<std::uint8_t>(type));
}

void write_bytes(Bytes bytes, Buffer& out) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void write_counted(DataType type, Bytes bytes, Buffer& out) {
  write_type(type, out);
  write_varint(bytes.size(), out);
  write_bytes(bytes, out);
}

void write_integer(DataType type, std::uint64_t bits, Buffer& out) {
  write_type(type, out);
  write_varint(bits, out);
}

struct ValueWriter {
  Buffer& out;

  void operator()(std::monostate) const { write_type(DataType::kNull, out); }
  void operator()(bool yes) const {
    write_type(DataType::kBool, out);
    if (yes) out.back() |= kBoolTrueFlag;
  }
  void operator()(std::int64_t number) const {
    write_integer(DataType::kInt64, static_cast<std::uint64_t>(number), out);
  }
  void operator()(std::uint64_t number) const {
    write_integer(DataType::kUint64, number, out);
  }
  void operator()(const Ipv4& address) const {
    write_type(DataType::kIpv4, out);
    write_bytes(address.octets, out);
  }
  void operator()(const Ipv6& address) const {
    write_type(DataType::kIpv6, out);
    write_bytes(address.octets, out);
  }
  void operator()(std::string_view text) const {
    write_counted(DataType::kString, as_bytes(text), out);
  }
  void operator()(Bytes bytes) const { write_counted(DataType::kBinary, bytes, out); }
};

}  // namespace

void write_varint(std::uint64_t value, Buffer& out) {
  if (value < 0xf0) {
    out.push_back(static_cast<std::uint8_t>(value));
    return;
  }
  out.push_back(static_cast<std::uint8_t>(value | 0xf0));
  value = (value - 0xf0) >> 4;
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value = (value - 0x80) >> 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void write_string(std::string_view text, Buffer& out) {
  write_varint(text.size(), out);
  write_bytes(as_bytes(text), out);
}

void write_value(const Value& value, Buffer& out) { std::visit(ValueWriter{out}, value); }

void write_uint32(std::uint32_t value, Buffer& out) {
  write_integer(DataType::kUint32, value, out);
}

std::size_t begin_frame(FrameType type, FrameId id, Buffer& out) {
  static constexpr std::uint8_t kFinalFrame[] = {0, 0, 0, kFlagFin};
  const std::size_t begin = out.size();
  out.resize(begin + kLengthBytes);
  out.push_back(static_cast<std::uint8_t>(type));
  write_bytes(kFinalFrame, out);
  write_varint(id.stream, out);
  write_varint(id.frame, out);
  return begin;
}

void end_frame(std::size_t begin, Buffer& out) noexcept {
  std::size_t length = frame_length(begin, out);
  for (std::size_t i = kLengthBytes; i-- > 0; length >>= 8) {
    out[begin + i] = static_cast<std::uint8_t>(length);
  }
}

std::size_t frame_length(std::size_t begin, const Buffer& out) noexcept {
  return out.size() - begin - kLengthBytes;
}

std::string printable(std::string_view text) {
  std::string clean(text);
  std::replace_if(
      clean.begin(), clean.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return clean;
}

}  // namespace spoa
