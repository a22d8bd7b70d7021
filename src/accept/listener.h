// Where connections come in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accepted.h"
#include "loop.h"
#include "spoa/result.h"
#include "spoa/settings.h"

struct evconnlistener;

namespace spoa::accept {

/// A listening socket, not yet served. Owns the descriptor.
class ListenSocket {
 public:
  explicit ListenSocket(int fd) noexcept : fd_(fd) {}
  ~ListenSocket();
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&&) = delete;

  /// `unlink_path`: a unix socket's file, removed when the socket is closed.
  void bound_as(std::string name, std::string unlink_path = {});

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// The address it is bound to, free ports resolved: `127.0.0.1:43210`.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  int fd_;
  std::string name_;
  std::string unlink_path_;
};

/// Binds the address. `systemd` gives every socket that systemd passed under
/// `FileDescriptorName=` `fd_name`, and for "spop" those without a name too.
/// Errors: a text for the operator, with the address and the system's reason.
Result<std::vector<ListenSocket>, std::string> open_listen_sockets(
    const Listen& listen, const std::string& fd_name);

/// Accepts on one socket. Loop thread only. Destroying it stops accepting and closes.
class Listener {
 public:
  /// `accepted` gets a non-blocking, close-on-exec descriptor to own, and the peer's
  /// name. When descriptors run out it is logged, and accepting pauses for a moment: the
  /// connections wait in the kernel's backlog.
  Listener(Loop& loop, ListenSocket socket, std::shared_ptr<const TlsContext> tls,
           std::function<void(Accepted)> accepted);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Later connections get this one; those that are open keep theirs.
  void use(std::shared_ptr<const TlsContext> tls) { tls_ = std::move(tls); }

  /// New connections wait in the kernel's backlog.
  void pause();
  void resume();

 private:
  ListenSocket socket_;
  std::shared_ptr<const TlsContext> tls_;
  std::function<void(Accepted)> accepted_;
  evconnlistener* listener_;
  bool paused_ = false;
  Timer retry_;
};

}  // namespace spoa::accept
