#include "assembler.h"

#include <algorithm>
#include <utility>

namespace spoa::decode {

Result<Assembly, WireError> Assembler::feed(const Frame& frame) {
  const bool begins = frame.type == FrameType::kNotify;
  if (begins == open_ || (open_ && frame.id != id_)) {
    close();
    return WireError::kInterlacedFragments;
  }
  if (!begins && frame.fin() && frame.abort()) {
    close();
    return Assembly{Progress::kCancelled, frame.id, {}};
  }
  const bool whole = begins && frame.fin();
  if (!whole && frame.payload.size() > limit_ - payload_.size()) {
    close();
    return WireError::kFragmentsTooBig;
  }
  open_ = true;
  id_ = frame.id;
  append(frame.payload);
  if (!frame.fin()) return Assembly{Progress::kMore, frame.id, {}};
  return Assembly{Progress::kComplete, frame.id, close()};
}

void Assembler::append(Bytes bytes) {
  const std::size_t needed = payload_.size() + bytes.size();
  if (needed > payload_.capacity()) {
    // Doubling keeps the copies few; beyond the limit it would only waste.
    payload_.reserve(std::max(needed, std::min(limit_, 2 * payload_.capacity())));
  }
  payload_.insert(payload_.end(), bytes.begin(), bytes.end());
}

std::vector<std::uint8_t> Assembler::close() noexcept {
  open_ = false;
  return std::exchange(payload_, {});
}

}  // namespace spoa::decode
