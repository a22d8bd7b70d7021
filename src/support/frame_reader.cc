#include "frame_reader.h"

#include "varint.h"

namespace spoa {
namespace {

std::uint32_t big_endian(Bytes four) noexcept {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : four.first(4)) value = value << 8 | byte;
  return value;
}

}  // namespace

Result<std::size_t, WireError> frame_bytes(Bytes first_four,
                                           std::uint32_t limit) noexcept {
  if (first_four.size() < kLengthBytes) return WireError::kTruncated;
  const std::uint32_t length = big_endian(first_four);
  if (length < kSmallestFrameBytes) return WireError::kFrameTooSmall;
  if (length > limit) return WireError::kFrameTooBig;
  return kLengthBytes + length;
}

Result<Frame, WireError> read_frame(Bytes whole) noexcept {
  if (whole.size() < kLengthBytes + kSmallestFrameBytes) return WireError::kTruncated;
  if (big_endian(whole) != whole.size() - kLengthBytes) return WireError::kTruncated;
  Frame frame;
  Bytes rest = whole.subspan(kLengthBytes);
  frame.type = static_cast<FrameType>(rest[0]);
  frame.flags = big_endian(rest.subspan(1));
  rest = rest.subspan(1 + sizeof frame.flags);
  for (std::uint64_t* id : {&frame.id.stream, &frame.id.frame}) {
    const auto value = read_varint(rest);
    if (!value) return value.error();
    *id = *value;
  }
  frame.payload = rest;
  return frame;
}

}  // namespace spoa
