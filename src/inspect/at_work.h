// What a thread is inspecting at the moment: for whoever has to name it.
#pragma once

#include <string>

#include "progress.h"

namespace spoa::inspect {

/// Null pointers: nothing. What they point at lives until they are reset.
struct AtWork {
  const std::string* id = nullptr;
  const std::string* application = nullptr;
  const Progress* progress = nullptr;
};

/// The calling thread's own; its signal handlers may read it.
AtWork& at_work() noexcept;

}  // namespace spoa::inspect
