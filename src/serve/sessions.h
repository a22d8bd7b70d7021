// All connections of the daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "accept/loop.h"
#include "dispatcher.h"
#include "log.h"
#include "metrics.h"
#include "session.h"
#include "spoa/settings.h"

namespace spoa::serve {

/// Owns every Session, from its accepted socket to its burial. Loop thread only.
class Sessions {
 public:
  Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings);

  /// Where the requests of later sessions go; set before the first open().
  void set_dispatcher(Dispatcher& dispatcher) noexcept { dispatcher_ = &dispatcher; }

  /// Takes an accepted socket over. Above `limits.connections` it is closed at once.
  void open(int fd, std::string peer);
  /// Hands an answer to its session, if that still lives.
  void answer(SessionId id, const reply::Answer& answer);

  /// Tells all to say goodbye once everything taken is answered; `done` is called when
  /// the last one is gone.
  void drain(std::function<void()> done);

  [[nodiscard]] std::size_t count() const noexcept { return sessions_.size(); }

 private:
  void gone(SessionId id);
  void bury();

  accept::Loop& loop_;
  Metrics& metrics_;
  const Settings& settings_;
  Dispatcher* dispatcher_ = nullptr;
  SessionId last_id_ = 0;
  std::unordered_map<SessionId, std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>>
      dead_;  // over, but perhaps still on the call stack
  accept::Timer burial_;
  std::function<void()> drained_;
  log::RateLimit refusals_;
};

}  // namespace spoa::serve
