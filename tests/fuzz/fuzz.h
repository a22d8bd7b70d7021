// What the targets of this folder share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "spoa/bytes.h"

/// One input. Ends the process, which is how a fuzzer learns, when a property is broken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// A property that must hold whatever the input.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", property);
  std::abort();
}

/// A copy whose end AddressSanitizer watches: reading one byte more is an error.
inline std::vector<std::uint8_t> exact_copy(spoa::Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// `part` lies within `whole`, or is empty.
inline bool within(spoa::Bytes part, spoa::Bytes whole) {
  return part.empty() || (part.data() >= whole.data() &&
                          part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace fuzz
