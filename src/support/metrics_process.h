// What the system knows about this process.
#pragma once

#include <cstdint>

namespace spoa {

struct ProcessStats {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  ///< since the epoch
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t threads = 0;
};

/// Reads /proc/self; what cannot be read stays 0. Any thread.
ProcessStats read_process_stats();

}  // namespace spoa
