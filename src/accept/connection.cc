#include "connection.h"

#include <sys/socket.h>

#include <algorithm>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>

namespace spoa::accept {
namespace {

// Large bodies come in few reads; small frames never touch this.
constexpr std::size_t kReadBytes = 256 * 1024;
// How long the peer may take to read a last DISCONNECT and close.
constexpr std::chrono::seconds kLinger{2};

}  // namespace

Connection::Connection(Loop& loop, Accepted accepted, Memory& memory,
                       ConnectionSink& sink)
    : sink_(sink),
      memory_(memory),
      peer_(std::move(accepted.peer)),
      linger_(loop, [this] { abort(); }),
      secured_(accepted.tls == nullptr) {
  if (accepted.tls == nullptr) {
    bev_ = bufferevent_socket_new(loop.base(), accepted.fd, BEV_OPT_CLOSE_ON_FREE);
  } else {
    bev_ =
        bufferevent_openssl_socket_new(loop.base(), accepted.fd, accepted.tls.release(),
                                       BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_openssl_set_allow_dirty_shutdown(bev_, 1);
  }
  bufferevent_set_max_single_read(bev_, kReadBytes);
  bufferevent_setcb(bev_, on_read, on_write, on_event, this);
  evbuffer_add_cb(bufferevent_get_input(bev_), on_change, this);
  evbuffer_add_cb(bufferevent_get_output(bev_), on_change, this);
  bufferevent_enable(bev_, EV_READ | EV_WRITE);
}

Connection::~Connection() {
  memory_.held_bytes -= buffered() + unsent();
  evbuffer_remove_cb(bufferevent_get_input(bev_), on_change, this);
  evbuffer_remove_cb(bufferevent_get_output(bev_), on_change, this);
  bufferevent_free(bev_);
}

std::size_t Connection::buffered() const noexcept {
  return evbuffer_get_length(bufferevent_get_input(bev_));
}

Bytes Connection::peek(std::size_t n) {
  evbuffer* input = bufferevent_get_input(bev_);
  n = std::min(n, evbuffer_get_length(input));
  if (n == 0) return {};
  return {evbuffer_pullup(input, static_cast<ev_ssize_t>(n)), n};
}

void Connection::consume(std::size_t n) {
  evbuffer_drain(bufferevent_get_input(bev_), n);
}

void Connection::want(std::size_t n) {
  if (n == wanted_) return;
  wanted_ = n;
  bufferevent_setwatermark(bev_, EV_READ, n, 0);
}

void Connection::pause_reading() { bufferevent_disable(bev_, EV_READ); }

void Connection::resume_reading() {
  bufferevent_enable(bev_, EV_READ);
  // What was wanted last may be more than the frame that waits now.
  want(1);
  if (buffered() > 0) bufferevent_trigger(bev_, EV_READ, BEV_OPT_DEFER_CALLBACKS);
}

void Connection::send(Bytes bytes) {
  if (closed_ || finishing_) return;
  bufferevent_write(bev_, bytes.data(), bytes.size());
}

std::size_t Connection::unsent() const noexcept {
  return evbuffer_get_length(bufferevent_get_output(bev_));
}

void Connection::finish() {
  if (closed_ || finishing_) return;
  finishing_ = true;
  linger_.start(kLinger);
  consume(buffered());
  want(1);
  bufferevent_enable(bev_, EV_READ);
  if (unsent() == 0) flushed();
}

void Connection::abort() {
  // Otherwise the kernel keeps what a peer does not read for minutes after close(2).
  const linger at_once{1, 0};
  ::setsockopt(bufferevent_getfd(bev_), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  closed(false);
}

void Connection::flushed() {
  if (ssl_st* tls = bufferevent_openssl_get_ssl(bev_)) SSL_shutdown(tls);
  ::shutdown(bufferevent_getfd(bev_), SHUT_WR);
}

void Connection::closed(bool tls_failed) {
  if (closed_) return;
  closed_ = true;
  linger_.stop();
  bufferevent_disable(bev_, EV_READ | EV_WRITE);
  sink_.on_closed(tls_failed);
}

void Connection::on_read(bufferevent* bev, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.closed_) return;
  if (connection.finishing_) {
    evbuffer* input = bufferevent_get_input(bev);
    evbuffer_drain(input, evbuffer_get_length(input));
    return;
  }
  connection.sink_.on_readable();
}

void Connection::on_write(bufferevent* /*bev*/, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.closed_) return;
  if (connection.finishing_) {
    connection.flushed();
  } else {
    connection.sink_.on_flushed();
  }
}

void Connection::on_event(bufferevent* /*bev*/, short what, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if ((what & BEV_EVENT_CONNECTED) != 0) connection.secured_ = true;
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
    connection.closed(!connection.secured_);
  }
}

/// Counts what arrives even while a large frame is not whole and nobody is called.
void Connection::on_change(evbuffer* buffer, const evbuffer_cb_info* info, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  Memory& memory = connection.memory_;
  memory.held_bytes += info->n_added;
  memory.held_bytes -= info->n_deleted;
  const bool takes_much = evbuffer_get_length(buffer) > Memory::kSmallHolding;
  if (info->n_added > 0 && takes_much && memory.held_bytes > memory.limit_bytes &&
      !connection.closed_) {
    connection.sink_.on_overflow();
  }
}

}  // namespace spoa::accept
