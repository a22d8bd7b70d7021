#include "graveyard.h"

#include <malloc.h>
#include <pthread.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

#include "log.h"
#include "signals.h"

namespace spoa::serve {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t us(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

Graveyard::Graveyard() {
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { dig(); });
  } catch (const std::exception& e) {
    log::warn("no-thread", {{"thread", "graveyard"}, {"error", e.what()}},
              "old rules are freed between requests, which then wait for it");
  }
}

Graveyard::~Graveyard() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Generation> Graveyard::adopt(
    std::unique_ptr<const Generation> generation) {
  live_.fetch_add(1, std::memory_order_relaxed);
  return {generation.release(), [this](const Generation* dead) {
            bury(std::unique_ptr<const Generation>(dead));
          }};
}

void Graveyard::bury(std::unique_ptr<const Generation> generation) noexcept {
  if (!thread_.joinable()) {
    generation = nullptr;
    live_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    dead_.push_back(std::move(generation));
  }
  wake_.notify_one();
}

void Graveyard::dig() {
  pthread_setname_np(pthread_self(), "graveyard");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !dead_.empty(); });
    if (dead_.empty()) return;
    Dead dead = std::exchange(dead_, {});
    lock.unlock();
    free_all(std::move(dead));
    lock.lock();
  }
}

void Graveyard::free_all(Dead dead) {
  const auto begun = Clock::now();
  const std::size_t count = dead.size();
  dead.clear();
  const auto freed = Clock::now();
  // The allocator keeps what was freed: docs/reliability.md says how much.
  ::malloc_trim(0);
  live_.fetch_sub(count, std::memory_order_relaxed);
  log::debug("freed",
             {{"generations", count},
              {"free_us", us(freed - begun)},
              {"trim_us", us(Clock::now() - freed)}},
             "rules that nobody uses any more");
}

}  // namespace spoa::serve
