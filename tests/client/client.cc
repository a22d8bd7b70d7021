#include "client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "escape.h"

namespace spop {
namespace {

using Clock = std::chrono::steady_clock;

Error system_error(const std::string& what) {
  return {Error::Kind::kSystem, what + ": " + std::strerror(errno)};
}
Error malformed(const std::string& what) { return {Error::Kind::kMalformed, what}; }

Outcome<int> connect_to(int family, const sockaddr* address, socklen_t size,
                        const std::string& name) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("socket");
  if (::connect(fd, address, size) == 0) {
    const int on = 1;  // as HAProxy does; refused by a unix socket, which needs it not
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  const Error error = system_error("cannot connect to " + name);
  ::close(fd);
  return error;
}

Outcome<int> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return malformed("path too long: " + path);
  std::copy(path.begin(), path.end(), address.sun_path);
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address,
                    path);
}

Outcome<int> connect_tcp(const std::string& name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return malformed("no HOST:PORT: " + name);
  std::string host = name.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(host.c_str(), name.substr(colon + 1).c_str(), &hints, &found);
  if (failure != 0) return malformed(name + ": " + ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, ::freeaddrinfo);
  Outcome<int> fd = malformed("no address for " + name);
  for (const addrinfo* one = list.get(); one != nullptr && !fd; one = one->ai_next) {
    fd = connect_to(one->ai_family, one->ai_addr, one->ai_addrlen, name);
  }
  return fd;
}

/// Waits for `events` until the deadline, which may be past.
Outcome<void> await(int fd, short events, Clock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd entry{fd, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return {};
    if (ready == 0)
      return Error{Error::Kind::kTimeout, "the agent did not answer in time"};
    if (errno != EINTR) return system_error("poll");
  }
}

Error closed() { return {Error::Kind::kClosed, "the agent closed the connection"}; }

/// Does nothing for that long, unless the agent ends the connection meanwhile.
Outcome<void> pause(int fd, std::chrono::milliseconds time) {
  if (time.count() == 0) return {};
  if (await(fd, POLLRDHUP, Clock::now() + time)) return closed();
  return {};
}

const Data* find_in(const std::vector<NamedData>& pairs, std::string_view name) {
  for (const auto& [key, data] : pairs) {
    if (key == name) return &data;
  }
  return nullptr;
}

/// The list of a frame that must be of that kind, final and of no stream.
std::optional<std::vector<NamedData>> pairs_of(const Frame& frame, FrameKind kind) {
  if (frame.kind != kind || frame.flags != 1 || frame.stream != 0 || frame.frame != 0) {
    return std::nullopt;
  }
  return decode_pairs(frame.payload);
}

}  // namespace

const Data* Ack::find(std::string_view name) const {
  for (const Variable& variable : variables) {
    if (variable.scope == 2 && variable.name == name) return &variable.value;
  }
  return nullptr;
}

Outcome<Client> Client::connect(const std::string& address,
                                std::chrono::milliseconds patience) {
  static constexpr std::string_view kUnix = "unix:";
  const auto fd = address.starts_with(kUnix) ? connect_unix(address.substr(kUnix.size()))
                                             : connect_tcp(address);
  if (!fd) return fd.error();
  return Client(*fd, patience);
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      patience_(other.patience_),
      received_(std::move(other.received_)),
      pace_(other.pace_),
      sent_(other.sent_) {}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

/// How many bytes may leave now, after the pause that is due.
Outcome<std::size_t> Client::next_chunk(std::size_t left) {
  if (pace_.stall_at && sent_ == *pace_.stall_at) {
    const auto paused = pause(fd_, pace_.stall_for);
    if (!paused) return paused.error();
    pace_.stall_at.reset();
  }
  if (pace_.trickle > 0) {
    const auto paused =
        pause(fd_, sent_ > 0 ? pace_.trickle_every : std::chrono::milliseconds(0));
    if (!paused) return paused.error();
    left = std::min(left, pace_.trickle);
  }
  if (pace_.stall_at && *pace_.stall_at > sent_) {
    left = std::min(left, *pace_.stall_at - sent_);
  }
  return left;
}

Outcome<void> Client::send_raw(std::string_view bytes,
                               std::chrono::milliseconds patience) {
  auto deadline = Clock::now() + patience;
  while (!bytes.empty()) {
    const auto chunk = next_chunk(bytes.size());
    if (!chunk) return chunk.error();
    if (*chunk < bytes.size()) deadline = Clock::now() + patience;
    const auto ready = await(fd_, POLLOUT, deadline);
    if (!ready) return ready.error();
    const ssize_t sent = ::send(fd_, bytes.data(), *chunk, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return closed();
    } else if (errno != EAGAIN && errno != EINTR) {
      return system_error("send");
    }
  }
  return {};
}

Outcome<void> Client::fill(std::size_t bytes, Clock::time_point deadline) {
  std::array<char, 65536> chunk;
  while (received_.size() < bytes) {
    const auto ready = await(fd_, POLLIN, deadline);
    if (!ready) return ready.error();
    const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got > 0) {
      received_.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno == ECONNRESET) {
      return closed();
    } else if (errno != EAGAIN && errno != EINTR) {
      return system_error("receive");
    }
  }
  return {};
}

Outcome<std::string> Client::read_raw(std::size_t bytes) {
  const auto filled = fill(bytes, Clock::now() + patience_);
  if (!filled) return filled.error();
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return taken;
}

Outcome<void> Client::await_end() {
  const auto ended = await(fd_, POLLRDHUP, Clock::now() + patience_);
  if (!ended) return Error{Error::Kind::kTimeout, "the agent did not close in time"};
  return {};
}

Outcome<Frame> Client::read() {
  static constexpr std::size_t kLargest = 64UL * 1024 * 1024;
  const auto deadline = Clock::now() + patience_;
  const auto head = fill(4, deadline);
  if (!head) return head.error();
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length = length * 256 + static_cast<unsigned char>(received_[i]);
  }
  if (length > kLargest) return malformed("a frame of " + std::to_string(length));
  const auto body = fill(4 + length, deadline);
  if (!body) return body.error();
  auto frame = decode_frame(std::string_view(received_).substr(4, length));
  received_.erase(0, 4 + length);
  if (!frame) return malformed("a frame with a bad header");
  return std::move(*frame);
}

Frame hello_frame(const Dialect& dialect) {
  std::vector<NamedData> pairs = {
      {"supported-versions", text(dialect.versions)},
      {"max-frame-size", integer(dialect.max_frame_size, kUint32)},
      {"capabilities", text(dialect.capabilities)}};
  if (!dialect.engine_id.empty())
    pairs.emplace_back("engine-id", text(dialect.engine_id));
  if (dialect.healthcheck) pairs.emplace_back("healthcheck", boolean(true));
  return {kHaproxyHello, 1, 0, 0, encode_pairs(pairs)};
}

Outcome<AgentHello> Client::hello(const Dialect& dialect) {
  const auto sent = send(hello_frame(dialect));
  if (!sent) return sent.error();
  return read_hello();
}

Outcome<AgentHello> Client::read_hello() {
  const auto frame = read();
  if (!frame) return frame.error();
  const auto refused = parse_agent_disconnect(*frame);
  if (refused) return Error{Error::Kind::kDisconnected, *refused};
  return parse_agent_hello(*frame);
}

Outcome<void> Client::notify(std::uint64_t stream, std::uint64_t frame,
                             const std::vector<Message>& messages) {
  return send({kNotify, 1, stream, frame, encode_messages(messages)});
}

Outcome<void> Client::notify_in_fragments(std::uint64_t stream, std::uint64_t frame,
                                          const std::vector<Message>& messages,
                                          std::size_t bytes) {
  std::string all;
  for (const Frame& piece : notify_frames(stream, frame, messages, bytes)) {
    all += encode_frame(piece);
  }
  return send_raw(all);
}

std::vector<Frame> notify_frames(std::uint64_t stream, std::uint64_t frame,
                                 const std::vector<Message>& messages,
                                 std::size_t bytes) {
  const std::string payload = encode_messages(messages);
  std::vector<Frame> frames;
  std::size_t done = 0;
  do {
    std::string piece = payload.substr(done, bytes);
    const FrameKind kind = done == 0 ? kNotify : kUnset;
    done += piece.size();
    const std::uint32_t flags = done == payload.size() ? 1 : 0;
    frames.push_back({kind, flags, stream, frame, std::move(piece)});
  } while (done < payload.size());
  return frames;
}

Outcome<Ack> Client::read_ack() {
  const auto frame = read();
  if (!frame) return frame.error();
  const auto refused = parse_agent_disconnect(*frame);
  if (refused) return Error{Error::Kind::kDisconnected, *refused};
  return parse_ack(*frame);
}

Outcome<void> Client::disconnect(std::uint32_t code, std::string_view message) {
  const std::vector<NamedData> pairs = {{"status-code", integer(code, kUint32)},
                                        {"message", text(message)}};
  const auto sent = send({kHaproxyDisconnect, 1, 0, 0, encode_pairs(pairs)});
  if (!sent) return sent.error();
  while (true) {
    const auto frame = read();
    if (!frame) return frame.error();
    if (parse_agent_disconnect(*frame)) return {};
  }
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

Outcome<AgentHello> parse_agent_hello(const Frame& frame) {
  const auto pairs = pairs_of(frame, kAgentHello);
  if (!pairs) return malformed("no AGENT-HELLO");
  const Data* version = find_in(*pairs, "version");
  const Data* size = find_in(*pairs, "max-frame-size");
  const Data* capabilities = find_in(*pairs, "capabilities");
  if (version == nullptr || size == nullptr || capabilities == nullptr ||
      version->type != kStr || size->type != kUint32 || capabilities->type != kStr) {
    return malformed("an AGENT-HELLO without its three keys");
  }
  return AgentHello{version->bytes, size->number, capabilities->bytes};
}

Outcome<Ack> parse_ack(const Frame& frame) {
  if (frame.kind != kAck || frame.flags != 1) return malformed("no final ACK");
  auto variables = decode_actions(frame.payload);
  if (!variables) return malformed("an ACK with bad actions");
  return Ack{frame.stream, frame.frame, std::move(*variables)};
}

Outcome<std::string> parse_agent_disconnect(const Frame& frame) {
  const auto pairs = pairs_of(frame, kAgentDisconnect);
  if (!pairs) return malformed("no AGENT-DISCONNECT");
  const Data* code = find_in(*pairs, "status-code");
  const Data* message = find_in(*pairs, "message");
  if (code == nullptr || message == nullptr || code->type != kUint32 ||
      message->type != kStr) {
    return malformed("an AGENT-DISCONNECT without its two keys");
  }
  return "status-code=" + std::to_string(code->number) +
         " message=" + escape(message->bytes);
}

}  // namespace spop
