// All connections of the daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "accept/accepted.h"
#include "accept/connection.h"
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
  /// `full(true)`: limits.connections is reached, and no more may be accepted; they wait
  /// in the kernel. (Closing them would make a HAProxy up to 3.0 connect anew without
  /// pause.) `full(false)`: there is room again.
  Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings,
           std::function<void(bool)> full);

  /// Where the requests of later sessions go; set before the first open().
  void set_dispatcher(Dispatcher& dispatcher) noexcept { dispatcher_ = &dispatcher; }

  /// Takes an accepted connection over. Above `limits.connections-per-address` it is
  /// closed at once.
  void open(accept::Accepted accepted);
  /// Hands an answer to its session, if that still lives.
  void answer(SessionId id, const reply::Answer& answer);

  /// Tells all to say goodbye once everything that has come is answered; `done` is called
  /// when the last one is gone.
  void drain(std::function<void()> done);

  [[nodiscard]] std::size_t count() const noexcept { return sessions_.size(); }

 private:
  struct Entry {
    std::unique_ptr<Session> session;
    std::string address;  ///< the peer's
  };

  bool take_place(const std::string& address);
  void give_place_back(const std::string& address);
  void refuse(const accept::Accepted& accepted);
  void gone(SessionId id);
  void bury();

  accept::Loop& loop_;
  Metrics& metrics_;
  const Settings& settings_;
  std::function<void(bool)> full_;
  Dispatcher* dispatcher_ = nullptr;
  accept::Memory memory_;
  std::vector<Argument> arguments_;
  SessionId last_id_ = 0;
  std::unordered_map<SessionId, Entry> sessions_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::vector<std::unique_ptr<Session>>
      dead_;  // over, but perhaps still on the call stack
  accept::Timer burial_;
  std::function<void()> drained_;
  log::RateLimit refusals_;
};

}  // namespace spoa::serve
