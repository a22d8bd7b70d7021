// Loads a new generation beside the traffic.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "accept/mailbox.h"
#include "generation.h"
#include "settings/invocation.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::serve {

using Reloaded = Result<std::shared_ptr<const Generation>, std::vector<Problem>>;

/// Loop thread only; the loading itself runs on a thread of its own.
class Reloader {
 public:
  /// `done` hears how each reload ended, on the loop thread.
  Reloader(accept::Loop& loop, const settings::Invocation& invocation,
           std::function<void(Reloaded&&)> done);
  /// Waits for a reload under way: the library's parser cannot be interrupted.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Begins to load the next generation. While one is being loaded already, it is noted
  /// that the files have changed since, and they are read once more after it.
  void begin();

  [[nodiscard]] bool busy() const noexcept { return thread_.joinable(); }

 private:
  void run(std::uint64_t number);
  void end(Reloaded&& reloaded);

  const settings::Invocation& invocation_;
  std::function<void(Reloaded&&)> done_;
  accept::Mailbox<Reloaded> mailbox_;
  std::thread thread_;
  std::uint64_t current_ = 1;  // the generation of the start is number 1
  bool again_ = false;
};

}  // namespace spoa::serve
