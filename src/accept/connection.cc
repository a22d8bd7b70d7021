#include "connection.h"

#include <sys/socket.h>

#include <algorithm>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

namespace spoa::accept {
namespace {

// Large bodies come in few reads; small frames never touch this.
constexpr std::size_t kReadBytes = 256 * 1024;
// How long the peer may take to read a last DISCONNECT and close.
constexpr std::chrono::seconds kLinger{2};

}  // namespace

Connection::Connection(Loop& loop, int fd, std::string peer, ConnectionSink& sink)
    : sink_(sink),
      peer_(std::move(peer)),
      bev_(bufferevent_socket_new(loop.base(), fd, BEV_OPT_CLOSE_ON_FREE)),
      linger_(loop, [this] { closed(); }) {
  bufferevent_set_max_single_read(bev_, kReadBytes);
  bufferevent_setcb(bev_, on_read, on_write, on_event, this);
  bufferevent_enable(bev_, EV_READ | EV_WRITE);
}

Connection::~Connection() { bufferevent_free(bev_); }

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
  if (buffered() >= wanted_) bufferevent_trigger(bev_, EV_READ, BEV_OPT_DEFER_CALLBACKS);
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
  want(1);
  bufferevent_enable(bev_, EV_READ);
  if (unsent() == 0) flushed();
}

void Connection::flushed() { ::shutdown(bufferevent_getfd(bev_), SHUT_WR); }

void Connection::closed() {
  if (closed_) return;
  closed_ = true;
  linger_.stop();
  bufferevent_disable(bev_, EV_READ | EV_WRITE);
  sink_.on_closed();
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
  if (connection.finishing_ && !connection.closed_) connection.flushed();
}

void Connection::on_event(bufferevent* /*bev*/, short what, void* self) {
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
    static_cast<Connection*>(self)->closed();
}

}  // namespace spoa::accept
