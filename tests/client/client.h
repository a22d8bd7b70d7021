// One connection to an agent, as HAProxy would hold it, or as it never would.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec.h"
#include "spoa/result.h"

namespace spop {

struct Error {
  enum class Kind : std::uint8_t {
    kSystem,        ///< connect, send or receive failed
    kClosed,        ///< the agent closed, between frames or within one
    kTimeout,       ///< nothing in time
    kMalformed,     ///< what came is no frame, or not the frame asked for
    kDisconnected,  ///< AGENT-DISCONNECT came instead; `text` has its code and message
  };
  Kind kind = Kind::kSystem;
  std::string text;
};

template <typename T>
using Outcome = spoa::Result<T, Error>;

/// What HAPROXY-HELLO says. An empty engine_id is left out, as in health checks.
struct Dialect {
  std::string versions = "2.0";
  std::uint32_t max_frame_size = 16380;
  std::string capabilities = "pipelining";
  std::string engine_id = "spop-client";
  bool healthcheck = false;
};

/// How bytes leave, when not as fast as they can. Counts over the whole connection.
struct Pace {
  std::optional<std::size_t> stall_at;  ///< pauses before the byte of this offset
  std::chrono::milliseconds stall_for{0};
  std::size_t trickle = 0;  ///< this many bytes, then a pause; 0: all at once
  std::chrono::milliseconds trickle_every{0};
};

struct AgentHello {
  std::string version;
  std::uint64_t max_frame_size = 0;
  std::string capabilities;
};

struct Ack {
  std::uint64_t stream = 0;
  std::uint64_t frame = 0;
  std::vector<Variable> variables;  ///< in order

  /// The variable of scope txn, or null when it is not set.
  [[nodiscard]] const Data* find(std::string_view name) const;
};

/// Blocking; every wait ends after `patience`. Not for use by two threads.
class Client {
 public:
  /// HOST:PORT, [V6]:PORT or unix:/PATH.
  static Outcome<Client> connect(const std::string& address,
                                 std::chrono::milliseconds patience);

  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  void set_pace(const Pace& pace) { pace_ = pace; }

  Outcome<void> send_raw(std::string_view bytes) { return send_raw(bytes, patience_); }
  Outcome<void> send_raw(std::string_view bytes, std::chrono::milliseconds patience);
  Outcome<void> send(const Frame& frame) { return send_raw(encode_frame(frame)); }

  /// Sends nothing more and reads nothing, until the agent has closed or `patience` ends.
  Outcome<void> await_end();

  /// Sends HAPROXY-HELLO and waits for its answer.
  Outcome<AgentHello> hello(const Dialect& dialect);
  Outcome<AgentHello> read_hello();

  Outcome<void> notify(std::uint64_t stream, std::uint64_t frame,
                       const std::vector<Message>& messages);
  /// The same in pieces of at most `bytes` of payload, which must not be 0.
  Outcome<void> notify_in_fragments(std::uint64_t stream, std::uint64_t frame,
                                    const std::vector<Message>& messages,
                                    std::size_t bytes);

  /// The next `bytes` bytes, whatever they are.
  Outcome<std::string> read_raw(std::size_t bytes);
  /// The next frame, whatever it is.
  Outcome<Frame> read();
  /// The next frame, which must be an ACK.
  Outcome<Ack> read_ack();

  /// Sends HAPROXY-DISCONNECT and waits for its answer; ACKs before it are dropped.
  Outcome<void> disconnect(std::uint32_t code, std::string_view message);

  /// Resets the connection: the agent gets ECONNRESET. Not to be used afterwards.
  void reset();

 private:
  Client(int fd, std::chrono::milliseconds patience) : fd_(fd), patience_(patience) {}

  Outcome<void> fill(std::size_t bytes, std::chrono::steady_clock::time_point deadline);
  Outcome<std::size_t> next_chunk(std::size_t left);

  int fd_;
  std::chrono::milliseconds patience_;
  std::string received_;  ///< not yet taken
  Pace pace_;
  std::size_t sent_ = 0;
};

Frame hello_frame(const Dialect& dialect);
/// The NOTIFY, and its continuations where it is cut into pieces of `bytes` of payload.
std::vector<Frame> notify_frames(std::uint64_t stream, std::uint64_t frame,
                                 const std::vector<Message>& messages, std::size_t bytes);

/// kMalformed unless the frame is one.
Outcome<AgentHello> parse_agent_hello(const Frame& frame);
Outcome<Ack> parse_ack(const Frame& frame);
/// `status-code=4 message=...`, escaped; kMalformed unless it is an AGENT-DISCONNECT.
Outcome<std::string> parse_agent_disconnect(const Frame& frame);

}  // namespace spop
