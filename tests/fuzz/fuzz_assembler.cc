// Input: frames, each three bytes (what it is, its length, an id) and its payload. The
// result is what a plain concatenation gives; memory stays within the limit.
#include <algorithm>

#include "decode/assembler.h"
#include "fuzz.h"

namespace {

using spoa::Bytes;
using spoa::decode::Progress;

constexpr std::size_t kLimit = 600;

/// What the series should hold, kept in the plainest way.
struct Model {
  bool open = false;
  spoa::FrameId id;
  std::vector<std::uint8_t> bytes;
};

spoa::Frame take_frame(Bytes& in) {
  spoa::Frame frame;
  frame.type = (in[0] & 4) != 0 ? spoa::FrameType::kNotify : spoa::FrameType::kUnset;
  frame.flags = in[0] & (spoa::kFlagFin | spoa::kFlagAbort);
  frame.id.stream = in[2];
  frame.payload = in.subspan(3, std::min<std::size_t>(in[1], in.size() - 3));
  in = in.subspan(3 + frame.payload.size());
  return frame;
}

void check_completed(const Model& model, const spoa::decode::Assembly& step) {
  fuzz::require(step.payload == model.bytes, "nothing lost, nothing added");
  fuzz::require(step.payload.capacity() <= kLimit, "memory stays within the limit");
  fuzz::require(step.id == model.id, "the ids are the NOTIFY's");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::exact_copy({data, size});
  Bytes in{input};
  spoa::decode::Assembler assembler(kLimit);
  Model model;
  while (in.size() >= 3) {
    const spoa::Frame frame = take_frame(in);
    const bool begins = frame.type == spoa::FrameType::kNotify;
    const bool fits = begins != model.open && (begins || frame.id == model.id);
    const auto step = assembler.feed(frame);
    fuzz::require(fits || !step, "a frame out of place is refused");
    if (step) {
      if (begins) model = {true, frame.id, {}};
      model.bytes.insert(model.bytes.end(), frame.payload.begin(), frame.payload.end());
      if (step->progress == Progress::kComplete) check_completed(model, *step);
    }
    if (!step || step->progress != Progress::kMore) model = {};
    fuzz::require(assembler.open() == model.open, "open when a fragment is owed");
    fuzz::require(assembler.pending_bytes() == model.bytes.size(), "no byte unaccounted");
  }
  return 0;
}
