#include "session.h"

#include <algorithm>

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

constexpr std::chrono::seconds kHelloTime{10};
constexpr std::chrono::seconds kFrameTime{30};
// A HELLO takes some 150 bytes.
constexpr std::uint32_t kHelloLimit = 16 * 1024;
// HAProxy 3.1.0 sends frames as large as it announced, whatever was negotiated.
constexpr std::uint32_t kAcceptedAnyway = 1024 * 1024;
// ACKs are small: a peer this far behind does not read.
constexpr std::size_t kMaxUnsentBytes = 4 * 1024 * 1024;

}  // namespace

Session::Session(Parts parts, SessionId id, int fd, std::string peer)
    : parts_(std::move(parts)),
      id_(id),
      connection_(parts_.loop, fd, std::move(peer), *this),
      timer_(parts_.loop, [this] { time_up(); }),
      frame_limit_(kHelloLimit),
      max_frame_size_(kSmallestMaxFrameSize),
      assembler_(parts_.settings.max_frame_size) {
  watch_progress();
}

void Session::on_readable() {
  while (state_ != State::kClosing && !paused_ && read_frame()) {
    timer_armed_ = false;  // the next frame has its own time
  }
  if (state_ != State::kClosing) watch_progress();
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
  send(FrameType::kAgentHello);
}

void Session::handle_disconnect(const Frame& frame) {
  const auto disconnect = decode::read_disconnect(frame);
  if (!disconnect) {
    fail(disconnect.error());
    return;
  }
  log::debug("haproxy-disconnect",
             {{"peer", connection_.peer()},
              {"status_code", disconnect->status_code},
              {"message", disconnect->message}},
             "HAProxy ends the connection");
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

void Session::dispatch(FrameId id, std::vector<std::uint8_t> payload) {
  ++in_flight_;
  // A payload that is no SPOP inside an intact frame costs its request, not the
  // connection.
  const bool decoded = decode::read_notify(payload, arguments_).has_value();
  Request request =
      decoded ? extract::build_request(std::move(payload), arguments_, max_frame_size_)
              : extract::undecodable_request(std::move(payload));
  parts_.dispatcher.submit(id_, id, std::move(request));
  if (in_flight_ >= parts_.settings.limits.frames_in_flight && !paused_) {
    paused_ = true;
    connection_.pause_reading();
  }
}

void Session::answer(const reply::Answer& answer) {
  --in_flight_;
  if (state_ != State::kReady) return;
  output_.clear();
  reply::write_ack(answer, max_frame_size_, output_);
  send(FrameType::kAck);
  if (connection_.unsent() > kMaxUnsentBytes) {
    fail(WireError::kSlowReader);
    return;
  }
  if (paused_ && in_flight_ < parts_.settings.limits.frames_in_flight) {
    paused_ = false;
    connection_.resume_reading();
  }
  if (draining_ && in_flight_ == 0) close(DisconnectCode::kNormal, "agent stops");
}

void Session::drain() {
  draining_ = true;
  if (state_ != State::kClosing && in_flight_ == 0)
    close(DisconnectCode::kNormal, "agent stops");
}

/// Times the HELLO, and every frame from its first byte: an idle connection may stay.
void Session::watch_progress() {
  const bool waiting = state_ == State::kAwaitingHello || assembler_.open() ||
                       (connection_.buffered() > 0 && !paused_);
  if (!waiting) {
    timer_.stop();
  } else if (!timer_armed_) {
    timer_.start(state_ == State::kAwaitingHello ? kHelloTime : kFrameTime);
  }
  timer_armed_ = waiting;
}

void Session::time_up() {
  fail(state_ == State::kAwaitingHello ? WireError::kHelloTimeout
                                       : WireError::kFrameTimeout);
}

void Session::fail(WireError error) {
  static log::RateLimit limit;
  parts_.metrics.count_protocol_error(error);
  std::uint64_t suppressed = 0;
  if (limit.allow(suppressed)) {
    log::warn("protocol-error",
              {{"peer", connection_.peer()},
               {"error", name_of(error)},
               {"suppressed", suppressed}},
              "connection closed; is this peer a HAProxy with a SPOE filter?");
  }
  close(disconnect_code(error), name_of(error));
}

void Session::close(DisconnectCode code, std::string_view message) {
  if (state_ == State::kClosing) return;
  state_ = State::kClosing;
  timer_.stop();
  output_.clear();
  reply::write_agent_disconnect(code, message, output_);
  send(FrameType::kAgentDisconnect);
  connection_.finish();
}

void Session::send(FrameType type) {
  parts_.metrics.count_frame(type, Direction::kOut);
  connection_.send(output_);
}

void Session::on_closed() {
  state_ = State::kClosing;
  timer_.stop();
  parts_.gone(id_);
}

}  // namespace spoa::serve
