// One peer's byte stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "accepted.h"
#include "loop.h"
#include "spoa/bytes.h"

struct bufferevent;
struct evbuffer;
struct evbuffer_cb_info;

namespace spoa::accept {

/// Whoever uses a Connection hears from it here, on the loop thread. A sink must not
/// destroy its Connection inside a call.
class ConnectionSink {
 public:
  virtual ~ConnectionSink() = default;
  /// At least as many bytes wait as were asked for with want().
  virtual void on_readable() = 0;
  /// All that was sent has left.
  virtual void on_flushed() = 0;
  /// All connections together hold more than Memory allows, and this one took more of it.
  /// Comes from inside a read or a send(): no connection may be ended before it returns.
  virtual void on_overflow() = 0;
  /// The stream is over, by either side; nothing more comes from this Connection.
  /// `tls_failed`: it never began, because the TLS handshake failed.
  virtual void on_closed(bool tls_failed) = 0;
};

/// The bytes that all connections hold, received and not consumed or sent and not taken
/// by their peers, and how many they may.
struct Memory {
  /// What one may hold even when all together hold too much: an ordinary request.
  static constexpr std::size_t kSmallHolding = 16 * 1024;

  std::size_t limit_bytes = 0;
  std::size_t held_bytes = 0;
};

/// Reads and writes one socket through libevent. Loop thread only.
class Connection {
 public:
  /// `memory` is shared with other connections and must outlive this one.
  Connection(Loop& loop, Accepted accepted, Memory& memory, ConnectionSink& sink);
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
  /// Calls on_readable() from the loop when any bytes wait already.
  void resume_reading();

  /// Queues the bytes; what is queued in one turn of the loop leaves in one write.
  void send(Bytes bytes);
  /// Queued, and not taken by the kernel yet.
  [[nodiscard]] std::size_t unsent() const noexcept;

  /// Sends what is queued, then ends the stream and waits a moment for the peer's end:
  /// closing over unread input would reset the connection and lose the last frame sent.
  /// What has come and was not consumed is dropped. No on_readable() from now on;
  /// on_closed() follows.
  void finish();

  /// Ends the stream at once, with a reset; what is queued is lost. Calls on_closed().
  void abort();

 private:
  static void on_read(bufferevent* bev, void* self);
  static void on_write(bufferevent* bev, void* self);
  static void on_event(bufferevent* bev, short what, void* self);
  static void on_change(evbuffer* buffer, const evbuffer_cb_info* info, void* self);
  void flushed();
  void closed(bool tls_failed);

  ConnectionSink& sink_;
  Memory& memory_;
  std::string peer_;
  bufferevent* bev_;
  Timer linger_;
  bool secured_;  // no TLS, or its handshake is done
  std::size_t wanted_ = 1;
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace spoa::accept
