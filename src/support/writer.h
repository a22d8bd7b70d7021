// The bricks of what is sent (SPOE.txt 3.1, 3.2), whichever side sends it. Any thread.
//
// Everything is appended to `out`; what it holds already is left alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/bytes.h"
#include "spoa/frame.h"
#include "spoa/spop.h"

namespace spoa {

using Buffer = std::vector<std::uint8_t>;

void write_varint(std::uint64_t value, Buffer& out);

/// A varint length, then the bytes.
void write_string(std::string_view text, Buffer& out);

/// Typed data: int64_t as INT64, uint64_t as UINT64, a string_view as STR, Bytes as BIN.
void write_value(const Value& value, Buffer& out);

/// UINT32, which the numbers of HELLO and DISCONNECT must be (SPOE.txt 3.2.5, 3.2.9).
void write_uint32(std::uint32_t value, Buffer& out);

/// Begins a frame with FIN (HAProxy takes no other kind). Returns where it begins in
/// `out`.
std::size_t begin_frame(FrameType type, FrameId id, Buffer& out);

/// Fills in the length of the frame that begins at `begin` and ends where `out` does. It
/// must be shorter than 4 GiB.
void end_frame(std::size_t begin, Buffer& out) noexcept;

/// The length field of that frame: what max-frame-size limits, in bytes.
std::size_t frame_length(std::size_t begin, const Buffer& out) noexcept;

/// `text` with every control byte replaced by '?'. HAProxy copies strings into logs and
/// headers as they are: a line break in one would forge the next line.
std::string printable(std::string_view text);

}  // namespace spoa
