#include "session.h"

#include <algorithm>
#include <array>

#include "decode/disconnect.h"
#include "decode/hello.h"
#include "decode/notify.h"
#include "decode/reader.h"
#include "extract/request_builder.h"
#include "log.h"
#include "reply/disconnect.h"
#include "reply/hello.h"

namespace spoa::serve {
namespace {

// A HELLO takes some 150 bytes.
constexpr std::uint32_t kHelloLimit = 16 * 1024;
// HAProxy 3.1.0 sends frames as large as it announced, whatever was negotiated.
constexpr std::uint32_t kAcceptedAnyway = 1024 * 1024;

/// Codes with which HAProxy ends what it does not need any more: all is well.
bool is_routine(std::uint64_t status_code) {
  const auto code = static_cast<DisconnectCode>(status_code);
  return code == DisconnectCode::kNormal || code == DisconnectCode::kIo ||
         code == DisconnectCode::kTimeout;
}

}  // namespace

Session::Session(Parts parts, SessionId id, accept::Accepted accepted)
    : parts_(std::move(parts)),
      id_(id),
      connection_(parts_.loop, std::move(accepted), parts_.memory, *this),
      timer_(parts_.loop, [this] { time_up(); }),
      leaving_(parts_.loop, [this] { leave(); }),
      frame_limit_(kHelloLimit),
      max_frame_size_(kSmallestMaxFrameSize),
      assembler_(parts_.settings.limits.buffered_per_connection_bytes) {
  watch_progress();
}

Session::~Session() { parts_.memory.held_bytes -= fragments_held_; }

void Session::on_readable() {
  while (state_ != State::kClosing && !paused_ && read_frame()) {
    // The next frame has its own time, but the fragments of one NOTIFY share theirs.
    if (!assembler_.open()) timer_armed_ = false;
  }
  if (state_ != State::kClosing) watch_progress();
  if (draining_) leave_when_due();
}

void Session::on_flushed() {
  watch_load();
  if (draining_) leave_when_due();
}

void Session::on_overflow() { parts_.reached(id_, Stage::kGreedy); }

std::size_t Session::held_bytes() const noexcept {
  return connection_.buffered() + connection_.unsent() + fragments_held_;
}

void Session::free_memory() {
  // Behind answers that the peer does not take a DISCONNECT would not reach it either.
  if (state_ != State::kClosing && connection_.unsent() == 0) {
    fail(WireError::kBufferLimit);
    return;
  }
  if (state_ != State::kClosing) report(WireError::kBufferLimit);
  connection_.abort();
}

/// Takes one frame off the input. False: it has not arrived whole.
bool Session::read_frame() {
  const std::size_t buffered = connection_.buffered();
  if (buffered < kLengthBytes) {
    connection_.want(buffered == 0 ? 1 : kLengthBytes);
    return false;
  }
  const auto size = decode::frame_bytes(connection_.peek(kLengthBytes), frame_limit_);
  if (!size) {
    fail(size.error());
    return false;
  }
  if (buffered < *size) {
    connection_.want(*size);
    return false;
  }
  const auto frame = decode::read_frame(connection_.peek(*size));
  if (!frame) {
    fail(frame.error());
    return false;
  }
  handle(*frame);
  connection_.consume(*size);
  // Only now: a fragment must not count twice, as part of its frame as well.
  account_fragments();
  return true;
}

void Session::handle(const Frame& frame) {
  parts_.metrics.count_frame(frame.type, Direction::kIn);
  if (state_ == State::kAwaitingHello && frame.type != FrameType::kHaproxyDisconnect) {
    handle_hello(frame);
    return;
  }
  switch (frame.type) {
    case FrameType::kHaproxyHello:
      fail(WireError::kSecondHello);
      return;
    case FrameType::kHaproxyDisconnect:
      handle_disconnect(frame);
      return;
    case FrameType::kNotify:
    case FrameType::kUnset:
      handle_notify(frame);
      return;
    default:
      // SPOE.txt 3.2: a frame of a type nobody knows is skipped.
      return;
  }
}

void Session::handle_hello(const Frame& frame) {
  const auto hello = decode::read_hello(frame);
  if (!hello) {
    fail(hello.error());
    return;
  }
  output_.clear();
  max_frame_size_ =
      reply::write_agent_hello(*hello, parts_.settings.max_frame_size, output_);
  frame_limit_ = std::min(hello->max_frame_size,
                          std::max(parts_.settings.max_frame_size, kAcceptedAnyway));
  state_ = State::kReady;
  log::debug("hello",
             {{"peer", connection_.peer()},
              {"engine_id", hello->engine_id},
              {"max_frame_size", max_frame_size_},
              {"healthcheck", hello->healthcheck ? "true" : "false"}},
             "handshake done");
  parts_.reached(id_, Stage::kGreeted);
  send(FrameType::kAgentHello);
}

void Session::handle_disconnect(const Frame& frame) {
  const auto disconnect = decode::read_disconnect(frame);
  if (!disconnect) {
    fail(disconnect.error());
    return;
  }
  static log::RateLimit limit;
  std::uint64_t suppressed = 0;
  parts_.metrics.count_haproxy_disconnect(disconnect->status_code);
  if (is_routine(disconnect->status_code)) {
    log::debug("haproxy-disconnect",
               {{"peer", connection_.peer()}, {"status_code", disconnect->status_code}},
               "HAProxy ends the connection");
  } else if (limit.allow(suppressed)) {
    log::warn("haproxy-disconnect",
              {{"peer", connection_.peer()},
               {"status_code", disconnect->status_code},
               {"message", disconnect->message},
               {"suppressed", suppressed}},
              "HAProxy did not like what this agent sent; SPOE.txt 3.2.8 has the codes");
  }
  close(DisconnectCode::kNormal, "normal");
}

void Session::handle_notify(const Frame& frame) {
  auto assembly = assembler_.feed(frame);
  if (!assembly) {
    fail(assembly.error());
    return;
  }
  if (assembly->progress == decode::Progress::kComplete) {
    dispatch(assembly->id, std::move(assembly->payload));
  }
}

/// Fragments that wait for their last one count like the bytes of unfinished frames.
void Session::account_fragments() {
  accept::Memory& memory = parts_.memory;
  memory.held_bytes -= fragments_held_;
  fragments_held_ = assembler_.pending_bytes();
  memory.held_bytes += fragments_held_;
  if (fragments_held_ > 0 && memory.held_bytes > memory.limit_bytes) on_overflow();
}

void Session::dispatch(FrameId id, std::vector<std::uint8_t> payload) {
  ++in_flight_;
  // A payload that is no SPOP inside an intact frame costs its request, not the
  // connection.
  const bool decoded = decode::read_notify(payload, parts_.arguments).has_value();
  Request request = decoded ? extract::build_request(std::move(payload), parts_.arguments,
                                                     max_frame_size_)
                            : extract::undecodable_request(std::move(payload));
  parts_.dispatcher.submit(id_, id, std::move(request));
  watch_load();
}

void Session::answer(const reply::Answer& answer) {
  --in_flight_;
  if (state_ != State::kReady) return;
  output_.clear();
  reply::write_ack(answer, max_frame_size_, output_);
  send(FrameType::kAck);
  watch_load();
  watch_progress();
  if (draining_) leave_when_due();
}

/// Back-pressure: with too many answers owed, or too many unread by the peer, nothing
/// more is read until there are fewer.
void Session::watch_load() {
  if (state_ != State::kReady) return;
  const Limits& limits = parts_.settings.limits;
  const bool slow = connection_.unsent() > limits.unsent_bytes;
  const bool full = slow || in_flight_ >= limits.frames_in_flight;
  if (full == paused_) return;
  paused_ = full;
  if (full) {
    count_pause(slow);
    connection_.pause_reading();
  } else {
    connection_.resume_reading();
  }
  watch_progress();
}

void Session::count_pause(bool slow) {
  static std::array<log::RateLimit, 2> limits;
  parts_.metrics.count_pause(slow ? PauseCause::kUnsent : PauseCause::kFramesInFlight);
  std::uint64_t suppressed = 0;
  if (!limits[slow ? 1 : 0].allow(suppressed)) return;
  log::warn("reading-paused",
            {{"peer", connection_.peer()},
             {"limit", slow ? "limits.unsent" : "limits.frames-in-flight"},
             {"in_flight", in_flight_},
             {"unsent", connection_.unsent()},
             {"suppressed", suppressed}},
            slow ? "this peer does not read its answers"
                 : "more waits for an answer than one connection may have");
}

void Session::drain(std::chrono::microseconds after) {
  draining_ = true;
  leaving_at_ = std::chrono::steady_clock::now() + after;
  leave_when_due();
}

/// After one turn of the loop at least: what the kernel holds by now is read and answered
/// before.
void Session::leave_when_due() {
  const auto left = leaving_at_ - std::chrono::steady_clock::now();
  leaving_.start(std::max(std::chrono::microseconds(0),
                          std::chrono::duration_cast<std::chrono::microseconds>(left)));
}

void Session::leave() {
  if (state_ == State::kClosing || in_flight_ > 0 || paused_) return;
  close(DisconnectCode::kNormal, "agent stops");
}

/// Times the HELLO, every frame from its first byte, a peer that does not read its
/// answers, and, where a limit is set, idleness.
void Session::watch_progress() {
  const Limits& limits = parts_.settings.limits;
  const bool owes = state_ == State::kAwaitingHello || assembler_.open() ||
                    (connection_.buffered() > 0 && !paused_);
  const bool reads_slowly = paused_ && connection_.unsent() > limits.unsent_bytes;
  const bool idle =
      !owes && !paused_ && in_flight_ == 0 && limits.idle_timeout.count() > 0;
  const Waiting waiting = state_ == State::kAwaitingHello ? Waiting::kHello
                          : reads_slowly                  ? Waiting::kReader
                          : owes                          ? Waiting::kFrame
                          : idle                          ? Waiting::kTraffic
                                                          : Waiting::kNothing;
  if (waiting == waiting_ && timer_armed_) return;
  waiting_ = waiting;
  held_since_ = std::chrono::steady_clock::now();
  timer_armed_ = waiting != Waiting::kNothing;
  switch (waiting) {
    case Waiting::kNothing:
      timer_.stop();
      return;
    case Waiting::kHello:
      timer_.start(limits.hello_timeout);
      return;
    case Waiting::kFrame:
    case Waiting::kReader:
      timer_.start(limits.frame_timeout);
      return;
    case Waiting::kTraffic:
      timer_.start(limits.idle_timeout);
      return;
  }
}

void Session::time_up() {
  switch (waiting_) {
    case Waiting::kHello:
      fail(WireError::kHelloTimeout);
      return;
    case Waiting::kReader:
      // A DISCONNECT would wait behind what the peer does not take.
      report(WireError::kSlowReader);
      connection_.abort();
      return;
    case Waiting::kTraffic:
      fail(WireError::kIdleTimeout);
      return;
    default:
      fail(WireError::kFrameTimeout);
  }
}

void Session::fail(WireError error) {
  if (state_ == State::kClosing) return;
  report(error);
  close(disconnect_code(error), name_of(error));
}

/// Counts it, and logs it once a second: each kind on its own, so that a flood of one
/// does not hide another.
void Session::report(WireError error) {
  static std::array<log::RateLimit, kWireErrors> limits;
  parts_.metrics.count_protocol_error(error);
  std::uint64_t suppressed = 0;
  if (!limits[static_cast<std::size_t>(error)].allow(suppressed)) return;
  if (error == WireError::kIdleTimeout) {
    log::info("idle-timeout", {{"peer", connection_.peer()}, {"suppressed", suppressed}},
              "connection closed: no frame within limits.idle-timeout");
    return;
  }
  log::warn("protocol-error",
            {{"peer", connection_.peer()},
             {"error", name_of(error)},
             {"suppressed", suppressed}},
            "connection closed; is this peer a HAProxy with a SPOE filter?");
}

void Session::crowd_out() {
  if (state_ != State::kClosing) report(WireError::kCrowdedOut);
  connection_.abort();
}

void Session::close(DisconnectCode code, std::string_view message) {
  if (state_ == State::kClosing) return;
  state_ = State::kClosing;
  timer_.stop();
  output_.clear();
  reply::write_agent_disconnect(code, message, output_);
  send(FrameType::kAgentDisconnect);
  connection_.finish();
  assembler_.drop();
  account_fragments();
  parts_.reached(id_, Stage::kClosing);
}

void Session::send(FrameType type) {
  parts_.metrics.count_frame(type, Direction::kOut);
  connection_.send(output_);
}

void Session::on_closed(bool tls_failed) {
  // A peer that was told to go for another reason has been counted already.
  if (tls_failed && state_ != State::kClosing) report(WireError::kTlsHandshake);
  state_ = State::kClosing;
  timer_.stop();
  parts_.reached(id_, Stage::kGone);
}

}  // namespace spoa::serve
