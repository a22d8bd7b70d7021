// The operator's files: settings, rules, certificates. Regular files only: a pipe or a
// device could block for ever, and cannot be read again for a reload.
#pragma once

#include <cstddef>
#include <string>

#include "spoa/result.h"

namespace spoa::settings {

/// Why the file cannot be read, in words; empty when it can. Does not block.
std::string why_unreadable(const std::string& file);

/// At most `most_bytes` from the beginning of the file, or why there are none. Never
/// blocks, whatever the name turns out to be.
struct Unreadable {
  std::string why;
};
Result<std::string, Unreadable> read_file(const std::string& file,
                                          std::size_t most_bytes);

}  // namespace spoa::settings
