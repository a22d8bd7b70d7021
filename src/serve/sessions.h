// All connections of the daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
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
///
/// When all together hold more memory than limits.buffered, the one that has held its
/// part the longest is ended: an honest peer's frame is soon complete, and its answers
/// soon read.
class Sessions {
 public:
  /// At limits.connections (fewer where descriptors are) a new connection takes the place
  /// of the oldest that has said no HELLO yet, or that is closing: who only occupies
  /// places keeps no HAProxy out. `full(true)`: there is none of those, and no more may
  /// be accepted; they wait in the kernel. (Closing them would make a HAProxy up to 3.0
  /// connect anew without pause.) `full(false)`: there is room again.
  Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings,
           std::function<void(bool)> full);

  /// Where the requests of later sessions go; set before the first open().
  void set_dispatcher(Dispatcher& dispatcher) noexcept { dispatcher_ = &dispatcher; }

  /// Takes an accepted connection over. Above `limits.connections-per-address` it is
  /// closed at once.
  void open(accept::Accepted accepted);
  /// Hands an answer to its session, if that still lives.
  void answer(SessionId id, const reply::Answer& answer);

  /// Tells all to say goodbye once everything that has come is answered, one after the
  /// other within a tenth of a second; `done` is called when the last one is gone.
  void drain(std::function<void()> done);

  [[nodiscard]] std::size_t count() const noexcept { return sessions_.size(); }
  /// Bytes of unfinished frames and fragments, of all connections.
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return memory_.held_bytes; }

 private:
  struct Entry {
    std::unique_ptr<Session> session;
    std::string address;  ///< the peer's
  };

  bool take_place(const std::string& address);
  void give_place_back(const std::string& address);
  void refuse(const accept::Accepted& accepted);
  void make_room();
  void free_memory();
  void reached(SessionId id, Stage stage);
  void gone(SessionId id);
  void watch_room();
  void bury();

  accept::Loop& loop_;
  Metrics& metrics_;
  const Settings& settings_;
  const std::size_t limit_;
  std::function<void(bool)> full_;
  bool is_full_ = false;
  Dispatcher* dispatcher_ = nullptr;
  accept::Memory memory_;
  std::vector<Argument> arguments_;
  SessionId last_id_ = 0;
  std::unordered_map<SessionId, Entry> sessions_;
  std::set<SessionId>
      expendable_;  // of sessions_; no HELLO yet, or closing; oldest first
  std::unordered_map<std::string, std::size_t> by_address_;
  std::vector<std::unique_ptr<Session>>
      dead_;  // over, but perhaps still on the call stack
  accept::Timer burial_;
  accept::Timer relief_;
  std::function<void()> drained_;
  log::RateLimit refusals_;
  log::RateLimit full_log_;
};

}  // namespace spoa::serve
