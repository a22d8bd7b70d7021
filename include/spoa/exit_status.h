// What the program's exit status means: one place, so that --help and the code agree.
#pragma once

namespace spoa {

inline constexpr int kExitDone = 0;       ///< done as asked
inline constexpr int kExitFailed = 1;     ///< it failed while running
inline constexpr int kExitUsage = 64;     ///< the command line is wrong
inline constexpr int kExitSettings = 78;  ///< the settings or a rules file are wrong

}  // namespace spoa
