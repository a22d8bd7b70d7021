#include "reloader.h"

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <utility>

namespace spoa::serve {
namespace {

Reloaded failed(const std::exception& e) {
  return std::vector{
      Problem{"", 0, 0, std::string("loading failed: ") + e.what(),
              "try again; is there memory, and room for one more thread?"}};
}

Reloaded load(const settings::Invocation& invocation, std::uint64_t number) {
  const auto settings = settings::reread(invocation);
  if (!settings) return settings.error();
  return load_generation(*settings, number);
}

}  // namespace

Reloader::Reloader(accept::Loop& loop, const settings::Invocation& invocation,
                   std::function<void(Reloaded&&)> done)
    : invocation_(invocation),
      done_(std::move(done)),
      mailbox_(loop, [this](Reloaded&& reloaded) { end(std::move(reloaded)); }) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::begin() {
  if (thread_.joinable()) {
    again_ = true;
    return;
  }
  try {
    thread_ = std::thread([this, number = current_ + 1] { run(number); });
  } catch (const std::exception& e) {
    done_(failed(e));
  }
}

void Reloader::run(std::uint64_t number) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "reloader");
  try {
    mailbox_.post(load(invocation_, number));
  } catch (const std::exception& e) {
    mailbox_.post(failed(e));
  }
}

void Reloader::end(Reloaded&& reloaded) {
  thread_.join();
  if (reloaded) current_ = (*reloaded)->number;
  done_(std::move(reloaded));
  if (std::exchange(again_, false)) begin();
}

}  // namespace spoa::serve
