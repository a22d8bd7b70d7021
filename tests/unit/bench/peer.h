// The agent's side for tests: a listener on loopback, and frames spelled by hand.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "frame_reader.h"
#include "spoa/settings.h"
#include "writer.h"

namespace spoa::bench {

inline Buffer agent_hello(std::uint32_t max_frame_size, std::string_view capabilities) {
  Buffer out;
  const std::size_t begin = begin_frame(FrameType::kAgentHello, {}, out);
  write_string("version", out);
  write_value(std::string_view("2.0"), out);
  write_string("max-frame-size", out);
  write_uint32(max_frame_size, out);
  write_string("capabilities", out);
  write_value(capabilities, out);
  end_frame(begin, out);
  return out;
}

inline void set_variable(std::string_view name, std::string_view value, Buffer& out) {
  constexpr std::uint8_t kSetVarTxn[] = {1, 3, 2};
  out.insert(out.end(), std::begin(kSetVarTxn), std::end(kSetVarTxn));
  write_string(name, out);
  write_value(value, out);
}

inline Buffer ack(FrameId id, std::string_view action, std::string_view reason) {
  Buffer out;
  const std::size_t begin = begin_frame(FrameType::kAck, id, out);
  set_variable("action", action, out);
  set_variable("reason", reason, out);
  end_frame(begin, out);
  return out;
}

inline Buffer agent_disconnect(std::uint32_t code, std::string_view message) {
  Buffer out;
  const std::size_t begin = begin_frame(FrameType::kAgentDisconnect, {}, out);
  write_string("status-code", out);
  write_uint32(code, out);
  write_string("message", out);
  write_value(message, out);
  end_frame(begin, out);
  return out;
}

/// One accepted connection. Every wait is bounded.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  Peer(Peer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), bytes_(std::move(other.bytes_)) {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int fd() const { return fd_; }
  void send(const Buffer& bytes) {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  /// The next frame, whose payload lives until the next call. Nothing: the end, or
  /// nothing came for some seconds.
  std::optional<Frame> read() {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    while (true) {
      if (bytes_.size() >= kLengthBytes) {
        const auto size = frame_bytes(bytes_, 1U << 20);
        if (!size) return std::nullopt;
        if (bytes_.size() >= *size) {
          taken_ = *size;
          return *read_frame(Bytes(bytes_).first(*size));
        }
      }
      pollfd entry{fd_, POLLIN, 0};
      std::uint8_t chunk[65536];
      if (::poll(&entry, 1, 10'000) != 1) return std::nullopt;
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) return std::nullopt;
      bytes_.insert(bytes_.end(), chunk, chunk + got);
    }
  }

  /// Whether more has come than was read so far.
  bool has_more() {
    std::uint8_t byte = 0;
    return bytes_.size() > taken_ || ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }

 private:
  int fd_;
  Buffer bytes_;
  std::size_t taken_ = 0;
};

class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, any, size), 0);
    EXPECT_EQ(::listen(fd_, 100), 0);
    EXPECT_EQ(::getsockname(fd_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int fd() const { return fd_; }
  Peer accept() { return Peer(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)); }
  [[nodiscard]] Address address() const {
    return {Address::Kind::kTcp, "127.0.0.1", port_, {}};
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace spoa::bench
