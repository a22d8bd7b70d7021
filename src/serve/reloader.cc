#include "reloader.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "signals.h"

namespace spoa::serve {

Reloader::Reloader(Parts parts)
    : parts_(std::move(parts)),
      mailbox_(parts_.loop, [this](LoadResult&& result) { end(std::move(result)); }),
      patience_(parts_.loop, [this] { parts_.hangs(run_); }) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

Reloader::Run Reloader::begin() {
  if (running_) {
    again_ = true;
    return run_ + 1;
  }
  start();
  return run_;
}

void Reloader::start() {
  ++run_;
  running_ = true;
  began_ = Clock::now();
  patience_.start(parts_.patience);
  parts_.begun(run_);
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this, number = number_ + 1] { work(number); });
  } catch (const std::exception& e) {
    // Not from here: who called begin() does not know the run yet.
    mailbox_.post(std::vector{unknown_failure(e.what())});
  }
}

void Reloader::work(std::uint64_t number) {
  pthread_setname_np(pthread_self(), "reloader");
  mailbox_.post(parts_.load(number));
}

void Reloader::end(LoadResult&& result) {
  if (thread_.joinable()) thread_.join();
  patience_.stop();
  running_ = false;
  if (result) number_ = result->generation->number;
  parts_.ended(run_, std::move(result));
  if (std::exchange(again_, false) && !stopping_) start();
}

std::chrono::microseconds Reloader::running_for() const noexcept {
  if (!running_) return std::chrono::microseconds{0};
  return std::max(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_),
      std::chrono::microseconds{1});
}

}  // namespace spoa::serve
