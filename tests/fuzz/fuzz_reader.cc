// Input: one byte that says how the rest, a stream, arrives. In slices or at once, it
// yields the same frames and the same error; a frame that was read, written by another
// codec than ours, is the bytes it was read from.
#include <algorithm>

#include "codec.h"
#include "decode/reader.h"
#include "fuzz.h"

namespace {

using spoa::Bytes;

constexpr std::uint32_t kLimit = 4096;

struct Seen {
  std::vector<std::vector<std::uint8_t>> payloads;
  std::vector<spoa::FrameId> ids;
  std::vector<int> errors;
  bool operator==(const Seen&) const = default;
};

void check_respelled(const spoa::Frame& frame, Bytes whole) {
  const std::string again = spop::encode_frame(
      {static_cast<std::uint8_t>(frame.type), frame.flags, frame.id.stream,
       frame.id.frame, std::string(spoa::as_text(frame.payload))});
  fuzz::require(again == spoa::as_text(whole), "reading and writing is identity");
}

/// Cuts what is whole off the front of `stream`; false once the connection must end.
bool take_frames(std::vector<std::uint8_t>& stream, Seen& seen) {
  while (stream.size() >= spoa::kLengthBytes) {
    const auto size =
        spoa::decode::frame_bytes(Bytes{stream}.first(spoa::kLengthBytes), kLimit);
    if (!size) {
      seen.errors.push_back(static_cast<int>(size.error()));
      return false;
    }
    if (*size > stream.size()) return true;
    const auto whole = fuzz::exact_copy(Bytes{stream}.first(*size));
    const auto frame = spoa::decode::read_frame(whole);
    if (!frame) {
      seen.errors.push_back(static_cast<int>(frame.error()));
      return false;
    }
    fuzz::require(fuzz::within(frame->payload, whole), "a payload stays in its frame");
    check_respelled(*frame, whole);
    seen.payloads.push_back(fuzz::exact_copy(frame->payload));
    seen.ids.push_back(frame->id);
    stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(*size));
  }
  return true;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input{data + 1, size - 1};
  Seen at_once;
  auto stream = fuzz::exact_copy(input);
  take_frames(stream, at_once);

  Seen in_slices;
  stream.clear();
  std::size_t step = data[0];
  for (std::size_t done = 0; done < input.size();) {
    step = step * 73 % 31;
    const Bytes slice = input.subspan(done, std::min(step + 1, input.size() - done));
    stream.insert(stream.end(), slice.begin(), slice.end());
    done += slice.size();
    if (!take_frames(stream, in_slices)) break;
  }
  fuzz::require(at_once == in_slices, "slices change nothing");
  return 0;
}
