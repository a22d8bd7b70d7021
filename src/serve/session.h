// One HAProxy connection: SPOP's state machine (SPOE.txt 3.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "accept/connection.h"
#include "decode/assembler.h"
#include "dispatcher.h"
#include "metrics.h"
#include "reply/ack.h"
#include "spoa/frame.h"
#include "spoa/settings.h"
#include "spoa/wire_error.h"

namespace spoa::serve {

/// Where a connection has got to, for who keeps them all.
enum class Stage : std::uint8_t {
  kGreeted,  ///< its HELLO was good
  kClosing,  ///< DISCONNECT is on its way out; only the peer's end is waited for
  kGone,     ///< over: to be destroyed, but not from inside a call to it
  kGreedy,   ///< it took more memory, and all together hold too much now
};

/// Loop thread only. HELLO and health checks are answered at once, by this thread: behind
/// an unanswered HELLO HAProxy 3.2 lets every later request run into its timeout.
class Session final : public accept::ConnectionSink {
 public:
  struct Parts {
    accept::Loop& loop;
    Metrics& metrics;
    Dispatcher& dispatcher;
    const Settings& settings;
    /// Room to decode in, shared by all sessions: only one at a time decodes.
    std::vector<Argument>& arguments;
    /// What all sessions may hold of unfinished frames.
    accept::Memory& memory;
    std::function<void(SessionId, Stage)> reached;
  };

  Session(Parts parts, SessionId id, accept::Accepted accepted);

  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void on_readable() override;
  void on_flushed() override;
  void on_overflow() override;
  void on_closed(bool tls_failed) override;

  /// The verdict on one of this session's NOTIFYs.
  void answer(const reply::Answer& answer);
  /// Says goodbye once everything that has come is answered, but not before `after`.
  void drain(std::chrono::microseconds after);
  /// Ends at once, to make room for another: a peer without its HELLO, or one that has
  /// been told to go.
  void crowd_out();

  /// What it holds: input that waits, fragments, answers that the peer has not taken.
  [[nodiscard]] std::size_t held_bytes() const noexcept;
  /// Since when it has held it, at least; honest peers never for long.
  [[nodiscard]] std::chrono::steady_clock::time_point held_since() const noexcept {
    return held_since_;
  }
  /// Ends it because of that.
  void free_memory();

 private:
  enum class State : std::uint8_t { kAwaitingHello, kReady, kClosing };
  /// What the timer runs for.
  enum class Waiting : std::uint8_t { kNothing, kHello, kFrame, kReader, kTraffic };

  bool read_frame();
  void handle(const Frame& frame);
  void handle_hello(const Frame& frame);
  void handle_disconnect(const Frame& frame);
  void handle_notify(const Frame& frame);
  void account_fragments();
  void dispatch(FrameId id, std::vector<std::uint8_t> payload);
  void watch_progress();
  void watch_load();
  void count_pause(bool slow);
  void leave_when_due();
  void leave();
  void time_up();
  void fail(WireError error);
  void report(WireError error);
  void close(DisconnectCode code, std::string_view message);
  void send(FrameType type);

  Parts parts_;
  const SessionId id_;
  accept::Connection connection_;
  accept::Timer timer_;
  accept::Timer leaving_;
  Waiting waiting_ = Waiting::kNothing;
  bool timer_armed_ = false;
  std::chrono::steady_clock::time_point held_since_ = std::chrono::steady_clock::now();
  State state_ = State::kAwaitingHello;
  bool draining_ = false;
  std::chrono::steady_clock::time_point leaving_at_;
  bool paused_ = false;
  std::uint32_t frame_limit_;     // the largest frame accepted from now on
  std::uint32_t max_frame_size_;  // negotiated
  std::size_t in_flight_ = 0;     // NOTIFYs without their ACK
  decode::Assembler assembler_;
  std::size_t fragments_held_ = 0;
  std::vector<std::uint8_t> output_;  // kept for its capacity
};

}  // namespace spoa::serve
