#include "signals.h"

#include <pthread.h>
#include <sys/mman.h>

#include <cstddef>
#include <initializer_list>

namespace spoa {
namespace {

class SignalStack {
 public:
  SignalStack() {
    void* const memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;  // then without: only an overflow goes unnamed
    memory_ = memory;
    stack_t stack{};
    stack.ss_sp = memory;
    stack.ss_size = kBytes;
    sigaltstack(&stack, nullptr);
  }
  ~SignalStack() {
    if (memory_ == nullptr) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    ::munmap(memory_, kBytes);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  static constexpr std::size_t kBytes = 64UL * 1024;
  void* memory_ = nullptr;
};

}  // namespace

SignalsBlocked::SignalsBlocked() noexcept {
  sigset_t most;
  sigfillset(&most);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP}) {
    sigdelset(&most, fault);
  }
  pthread_sigmask(SIG_SETMASK, &most, &before_);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void use_signal_stack() { thread_local const SignalStack stack; }

}  // namespace spoa
