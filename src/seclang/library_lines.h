// Places as libmodsecurity 3.0.9 counts them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "reader.h"

namespace spoa::seclang {

struct Reported {
  std::size_t directive = 0;  ///< index into the document
  bool in_name = false;       ///< the place lies in the directive's name
};

/// The directive that the library was in, or had just read, when it reported this place.
/// Nothing: none of `file` begins before it. Of a file that is included more than once,
/// its first turn is meant.
std::optional<Reported> find_reported(const Document& document, const std::string& file,
                                      Place place);

}  // namespace spoa::seclang
