#include "notify.h"

#include <cstdint>

#include "value.h"
#include "varint.h"

namespace spoa::decode {
namespace {

Result<void, WireError> read_message(Bytes& in, std::uint32_t index,
                                     std::vector<Argument>& out) {
  const auto name = read_string(in);
  if (!name) return name.error();
  if (in.empty()) return WireError::kTruncated;
  const std::uint32_t count = in.front();
  in = in.subspan(1);
  for (std::uint32_t position = 0; position < count; ++position) {
    const auto pair = read_pair(in);
    if (!pair) return pair.error();
    if (out.size() == kMostArguments) return WireError::kBufferLimit;
    out.push_back({*name, index, position, pair->name, pair->value});
  }
  return {};
}

}  // namespace

Result<void, WireError> read_notify(Bytes payload, std::vector<Argument>& out) {
  out.clear();
  if (out.capacity() > kKeptArguments) {
    out.shrink_to_fit();
    out.reserve(kKeptArguments);
  }
  for (std::uint32_t index = 0; !payload.empty(); ++index) {
    const auto read = read_message(payload, index, out);
    if (!read) {
      out.clear();
      return read.error();
    }
  }
  return {};
}

}  // namespace spoa::decode
