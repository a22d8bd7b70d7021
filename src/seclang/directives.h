// How the library reads the values of directives.
#pragma once

#include "reader.h"

namespace spoa::seclang {

/// Whether the library takes as the value what stands behind the first space. Without one
/// it reads from a null pointer.
bool is_found_by_space(const Directive& directive);

}  // namespace spoa::seclang
