// One peer's byte stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "loop.h"
#include "spoa/bytes.h"

struct bufferevent;

namespace spoa::accept {

/// Whoever uses a Connection hears from it here, on the loop thread. A sink must not
/// destroy its Connection inside a call.
class ConnectionSink {
 public:
  virtual ~ConnectionSink() = default;
  /// At least as many bytes wait as were asked for with want().
  virtual void on_readable() = 0;
  /// The stream is over, by either side; nothing more comes from this Connection.
  virtual void on_closed() = 0;
};

/// Reads and writes one socket through libevent. Loop thread only.
class Connection {
 public:
  /// Takes ownership of `fd`, a connected, non-blocking stream socket.
  Connection(Loop& loop, int fd, std::string peer, ConnectionSink& sink);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Who is there, for the log: `127.0.0.1:40000` or `unix`.
  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

  /// Bytes received and not consumed yet.
  [[nodiscard]] std::size_t buffered() const noexcept;
  /// The first min(n, buffered()) of them, in one piece, valid until the next call that
  /// is not const. Costs a copy when they arrived in several pieces.
  [[nodiscard]] Bytes peek(std::size_t n);
  void consume(std::size_t n);
  /// on_readable() is called next when `n` bytes are there (n >= 1).
  void want(std::size_t n);

  /// Back-pressure: what the peer sends stays in the kernel.
  void pause_reading();
  /// Calls on_readable() from the loop when enough bytes wait already.
  void resume_reading();

  /// Queues the bytes; what is queued in one turn of the loop leaves in one write.
  void send(Bytes bytes);
  /// Queued, and not taken by the kernel yet.
  [[nodiscard]] std::size_t unsent() const noexcept;

  /// Sends what is queued, then ends the stream and waits a moment for the peer's end:
  /// closing over unread input would reset the connection and lose the last frame sent.
  /// No on_readable() from now on; on_closed() follows.
  void finish();

 private:
  static void on_read(bufferevent* bev, void* self);
  static void on_write(bufferevent* bev, void* self);
  static void on_event(bufferevent* bev, short what, void* self);
  void flushed();
  void closed();

  ConnectionSink& sink_;
  std::string peer_;
  bufferevent* bev_;
  Timer linger_;
  std::size_t wanted_ = 1;
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace spoa::accept
