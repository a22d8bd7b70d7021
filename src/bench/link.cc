#include "link.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "frame_reader.h"

namespace spoa::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
/// More than this waits in front of the socket, where its time can run out unsent.
constexpr std::size_t kMostUnsent = std::size_t{256} << 10U;
constexpr std::string_view kClosed = "the agent closed the connection";

std::string system_failure(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

}  // namespace

Link::Link(LinkListener& listener, std::uint32_t max_frame_size, std::string engine_id)
    : listener_(listener), announced_(max_frame_size), engine_id_(std::move(engine_id)) {}

Link::~Link() {
  if (fd_ >= 0) ::close(fd_);
}

int Link::open(const Endpoint& endpoint) {
  failure_.clear();
  fd_ = begin_connect(endpoint);
  if (fd_ < 0) {
    failure_ = system_failure("cannot connect");
    return -1;
  }
  ++opened_;
  out_.clear();
  written_ = 0;
  in_.resize(kReadBytes);
  received_ = 0;
  flights_.clear();
  base_ = 0;
  state_ = State::kConnecting;
  return fd_;
}

void Link::handle(bool readable, bool writable) {
  if (state_ == State::kConnecting && (readable || writable)) {
    errno = pending_error(fd_);
    if (errno != 0) return go_down(system_failure("cannot connect"));
    state_ = State::kHello;
    write_haproxy_hello(announced_, engine_id_, out_);
  }
  if (state_ != State::kDown) flush();
  if (readable && state_ != State::kDown) read_some();
}

bool Link::has_room() const noexcept {
  return state_ == State::kReady && (pipelining_ || in_flight_ == 0) &&
         out_.size() - written_ < kMostUnsent;
}

std::uint64_t Link::ask(const Question& question, std::string_view id,
                        const Flight& flight) {
  const std::uint64_t number = base_ + flights_.size();
  question.append(2 * number + 1, id, out_);
  flights_.emplace_back(flight);
  ++in_flight_;
  return number;
}

void Link::flush() {
  while (written_ < out_.size() && state_ != State::kDown &&
         state_ != State::kConnecting) {
    const ssize_t sent =
        ::send(fd_, out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      // What the agent said before it closed is worth reading: the reader goes down.
      if (errno == EPIPE || errno == ECONNRESET) return read_some();
      return go_down(system_failure("cannot send"));
    }
  }
  if (written_ == out_.size()) {
    out_.clear();
    written_ = 0;
  } else if (written_ > kMostUnsent) {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ = 0;
  }
}

std::optional<Flight> Link::expire(std::uint64_t opened, std::uint64_t number) {
  if (opened != opened_ || state_ == State::kDown || number < base_) return std::nullopt;
  auto flight = std::exchange(flights_[number - base_], std::nullopt);
  forget_done();
  if (flight) --in_flight_;
  return flight;
}

void Link::say_goodbye() {
  if (state_ != State::kReady) return go_down({});
  state_ = State::kClosing;
  write_haproxy_disconnect(out_);
  flush();
}

void Link::read_some() {
  while (state_ != State::kDown) {
    if (received_ == in_.size()) in_.resize(in_.size() * 2);
    const ssize_t got = ::recv(fd_, in_.data() + received_, in_.size() - received_, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) return go_down(system_failure("cannot receive"));
    if (got == 0) {
      return go_down(state_ == State::kClosing ? std::string() : std::string(kClosed));
    }
    received_ += static_cast<std::size_t>(got);
    if (!take_frames()) return;
  }
}

/// False: the link went down.
bool Link::take_frames() {
  std::size_t begin = 0;
  while (received_ - begin >= kLengthBytes) {
    const Bytes rest = Bytes(in_).subspan(begin, received_ - begin);
    const auto size = frame_bytes(rest, announced_);
    if (!size) {
      go_down(fmt::format("what the agent sends is no SPOP: {}", name_of(size.error())));
      return false;
    }
    if (rest.size() < *size) break;
    const auto frame = read_frame(rest.first(*size));
    if (!frame) {
      go_down(fmt::format("a bad frame: {}", name_of(frame.error())));
      return false;
    }
    take_frame(*frame);
    if (state_ == State::kDown) return false;
    begin += *size;
  }
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin),
            in_.begin() + static_cast<std::ptrdiff_t>(received_), in_.begin());
  received_ -= begin;
  return true;
}

void Link::take_frame(const Frame& frame) {
  if (state_ == State::kHello) {
    const auto hello = read_agent_hello(frame, announced_);
    if (!hello) return go_down(hello.error());
    agreed_ = hello->max_frame_size;
    pipelining_ = hello->pipelining;
    state_ = State::kReady;
    return;
  }
  if (frame.type == FrameType::kAck) return take_ack(frame);
  if (frame.type != FrameType::kAgentDisconnect) return;  // as HAProxy does
  if (state_ == State::kClosing) return go_down({});
  go_down("the agent disconnects: " + read_agent_disconnect(frame));
}

void Link::take_ack(const Frame& frame) {
  const std::uint64_t number = frame.id.stream / 2;
  if (frame.id.frame != 1 || frame.id.stream % 2 == 0 ||
      number >= base_ + flights_.size()) {
    return go_down("an ACK of a question that was not asked");
  }
  if (number < base_) return;  // given up before
  const auto flight = std::exchange(flights_[number - base_], std::nullopt);
  forget_done();
  if (!flight) return;
  --in_flight_;
  const auto answer = read_ack(frame);
  if (!answer) {
    listener_.on_lost(*flight);
    return go_down(answer.error());
  }
  listener_.on_answer(*flight, *answer);
}

void Link::forget_done() {
  while (!flights_.empty() && !flights_.front()) {
    flights_.pop_front();
    ++base_;
  }
}

void Link::go_down(std::string why) {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  state_ = State::kDown;
  failure_ = std::move(why);
  in_flight_ = 0;
  for (const auto& flight : std::exchange(flights_, {})) {
    if (flight) listener_.on_lost(*flight);
  }
}

}  // namespace spoa::bench
