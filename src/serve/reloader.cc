#include "reloader.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace spoa::serve {

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
  thread_ = std::thread([this, number = current_ + 1] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "reloader");
    load(number);
  });
}

void Reloader::load(std::uint64_t number) {
  const auto settings = settings::reread(invocation_);
  mailbox_.post(settings ? load_generation(*settings, number)
                         : Reloaded(settings.error()));
}

void Reloader::end(Reloaded&& reloaded) {
  thread_.join();
  if (reloaded) current_ = (*reloaded)->number;
  done_(std::move(reloaded));
  if (std::exchange(again_, false)) begin();
}

}  // namespace spoa::serve
