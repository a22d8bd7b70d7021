// One connection to the agent, as HAProxy holds it: HELLO, NOTIFYs under way, DISCONNECT.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include "dial.h"
#include "question.h"

namespace spoa::bench {

/// One request under way. Times count from the beginning of the run.
struct Flight {
  std::chrono::nanoseconds due{0};  ///< closed loop: when it was sent
  int phase = 0;                    ///< kWarmup: not counted
  std::uint8_t kind = 0;
};

/// Hears what comes of a link. Calls come from within handle().
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  virtual void on_answer(const Flight& flight, Answer answer) = 0;
  virtual void on_lost(const Flight& flight) = 0;
};

/// Not copied: others name it by its address.
class Link {
 public:
  enum class State : std::uint8_t { kDown, kConnecting, kHello, kReady, kClosing };

  Link(LinkListener& listener, std::uint32_t max_frame_size, std::string engine_id);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Begins to connect. The descriptor, for an epoll that tells of edges, or -1: see
  /// failure().
  int open(const Endpoint& endpoint);

  /// Something happened to the descriptor: reads and writes what it can.
  void handle(bool readable, bool writable);

  /// Whether a question may leave now: HELLO is done, not too much waits to be written,
  /// and the agent takes more than one at a time or has none.
  [[nodiscard]] bool has_room() const noexcept;

  /// Takes one question. Call flush() after the last one.
  /// Returns the number that expire() knows it by.
  std::uint64_t ask(const Question& question, std::string_view id, const Flight& flight);
  void flush();

  /// Gives up an answer that is still missing; one that comes later is not counted.
  /// Nothing: it is there, or was lost.
  std::optional<Flight> expire(std::uint64_t opened, std::uint64_t number);

  /// Says DISCONNECT; the agent's answer makes it kDown.
  void say_goodbye();

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  /// How often it was opened: numbers of one opening mean nothing in the next.
  [[nodiscard]] std::uint64_t opened() const noexcept { return opened_; }
  /// The agent's, once it is ready.
  [[nodiscard]] std::uint32_t max_frame_size() const noexcept { return agreed_; }
  /// Why it went down last. Empty: it has not, or it was asked to.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  void read_some();
  bool take_frames();
  void take_frame(const Frame& frame);
  void take_ack(const Frame& frame);
  void forget_done();
  void go_down(std::string why);

  LinkListener& listener_;
  const std::uint32_t announced_;
  const std::string engine_id_;
  State state_ = State::kDown;
  int fd_ = -1;
  std::uint64_t opened_ = 0;
  std::uint32_t agreed_ = 0;
  bool pipelining_ = false;
  std::string failure_;

  Buffer out_;
  std::size_t written_ = 0;  ///< of out_
  Buffer in_;
  std::size_t received_ = 0;  ///< bytes of in_ that hold something

  /// Stream-ids count 1, 3, 5, ... as those of HAProxy 3.1 do; the front is number base_.
  std::deque<std::optional<Flight>> flights_;
  std::uint64_t base_ = 0;
  std::size_t in_flight_ = 0;
};

}  // namespace spoa::bench
