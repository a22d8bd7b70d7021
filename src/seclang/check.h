// Finds in rule files what libmodsecurity 3.0.9 loads without a word, and what would hurt
// a daemon that loads them.
#pragma once

#include <vector>

#include "reader.h"

namespace spoa::seclang {

struct Report {
  std::vector<Problem> errors;    ///< the rules must not be used
  std::vector<Problem> warnings;  ///< they may, but not all may be as meant
};

/// Judges a whole set of rules, with the reader's own findings, ordered by file and line.
///
/// Opens files that rules name, to see whether they can be; makes and changes none. Any
/// thread. Cost: about that of compiling every pattern once.
Report check(const Document& document);

}  // namespace spoa::seclang
