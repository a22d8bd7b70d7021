// Which thread gets signals.
#pragma once

#include <csignal>

namespace spoa {

/// Threads that are made while it lives get no signals: those are for the loop thread.
/// What a thread brings upon itself (SIGSEGV and the like) still reaches it.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept;
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// A thread that overflows its stack has no room left for a handler: gives the calling
/// thread some, until it ends.
void use_signal_stack();

}  // namespace spoa
