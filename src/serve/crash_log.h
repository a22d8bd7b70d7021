// The last line of the log: what the process was doing when it crashed.
#pragma once

namespace spoa::serve {

/// From now on a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) of any thread writes
/// `event=crashed` to the log, in the log's format: the signal, the address, the
/// transaction that thread was inspecting, and where in the program it happened. The
/// signal then does what it does without this: it ends the process, and leaves a core
/// where cores are wanted. Call once, after the log is open, before other threads start.
void log_crashes();

}  // namespace spoa::serve
