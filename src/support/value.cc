#include "value.h"

#include <algorithm>
#include <cstdint>

#include "varint.h"

namespace spoa {
namespace {

template <typename Address>
Result<Value, WireError> read_address(Bytes& in) noexcept {
  Address address;
  if (in.size() < address.octets.size()) return WireError::kTruncated;
  std::copy_n(in.begin(), address.octets.size(), address.octets.begin());
  in = in.subspan(address.octets.size());
  return Value(address);
}

template <typename Integer>
Result<Value, WireError> read_integer(Bytes& in) noexcept {
  const auto bits = read_varint(in);
  if (!bits) return bits.error();
  return Value(static_cast<Integer>(*bits));
}

Result<Value, WireError> read_data(std::uint8_t head, Bytes& in) noexcept {
  switch (static_cast<DataType>(head & kDataTypeMask)) {
    case DataType::kNull:
      return Value();
    case DataType::kBool:
      return Value((head & kBoolTrueFlag) != 0);
    case DataType::kInt32:
    case DataType::kInt64:
      return read_integer<std::int64_t>(in);
    case DataType::kUint32:
    case DataType::kUint64:
      return read_integer<std::uint64_t>(in);
    case DataType::kIpv4:
      return read_address<Ipv4>(in);
    case DataType::kIpv6:
      return read_address<Ipv6>(in);
    case DataType::kString: {
      const auto bytes = read_binary(in);
      if (!bytes) return bytes.error();
      return Value(as_text(*bytes));
    }
    case DataType::kBinary: {
      const auto bytes = read_binary(in);
      if (!bytes) return bytes.error();
      return Value(*bytes);
    }
  }
  return WireError::kBadDataType;
}

}  // namespace

Result<Value, WireError> read_value(Bytes& in) noexcept {
  if (in.empty()) return WireError::kTruncated;
  Bytes rest = in.subspan(1);
  auto value = read_data(in.front(), rest);
  if (value) in = rest;
  return value;
}

Result<Pair, WireError> read_pair(Bytes& in) noexcept {
  Bytes rest = in;
  const auto name = read_string(rest);
  if (!name) return name.error();
  const auto value = read_value(rest);
  if (!value) return value.error();
  in = rest;
  return Pair{*name, *value};
}

}  // namespace spoa
