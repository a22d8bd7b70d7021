#include "listener.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <event2/listener.h>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "log.h"

namespace spoa::accept {
namespace {

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kRetryAfterAcceptError{100};

using Sockets = Result<std::vector<ListenSocket>, std::string>;

std::string name_of(const sockaddr* address, socklen_t length) {
  if (address->sa_family == AF_UNIX) return "unix";
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address, length, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  return address->sa_family == AF_INET6 ? fmt::format("[{}]:{}", host, port)
                                        : fmt::format("{}:{}", host, port);
}

std::string bound_name(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(fd, generic, &length) != 0) return "unknown";
  return name_of(generic, length);
}

std::string failure(const Address& address, const char* reason) {
  return fmt::format("cannot listen on {}: {}", to_text(address), reason);
}

std::vector<ListenSocket> one(ListenSocket socket) {
  std::vector<ListenSocket> sockets;
  sockets.push_back(std::move(socket));
  return sockets;
}

Sockets open_tcp(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                             std::to_string(address.port).c_str(), &hints, &found);
  if (rc != 0) return failure(address, gai_strerror(rc));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, freeaddrinfo);

  const int fd =
      ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(address, std::strerror(errno));
  ListenSocket socket(fd);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // `[::]` means IPv6 alone; IPv4 has an address of its own.
  if (found->ai_family == AF_INET6)
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0) {
    return failure(address, std::strerror(errno));
  }
  socket.bound_as(bound_name(fd));
  return one(std::move(socket));
}

/// What there is to say about a new connection; TCP options are set on the way.
Accepted describe(int fd, const sockaddr* address, socklen_t length) {
  Accepted accepted{fd, name_of(address, length), {}, nullptr};
  if (address->sa_family == AF_UNIX) return accepted;
  accepted.address = accepted.peer.substr(0, accepted.peer.rfind(':'));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return accepted;
}

/// Mode and group of the socket's file.
const char* set_access(const std::string& path, const Listen& listen) {
  if (!listen.unix_group.empty()) {
    const group* entry = ::getgrnam(listen.unix_group.c_str());
    const gid_t id =
        entry != nullptr
            ? entry->gr_gid
            : static_cast<gid_t>(std::strtoul(listen.unix_group.c_str(), nullptr, 10));
    if (::chown(path.c_str(), static_cast<uid_t>(-1), id) != 0)
      return std::strerror(errno);
  }
  if (listen.unix_mode && ::chmod(path.c_str(), *listen.unix_mode) != 0) {
    return std::strerror(errno);
  }
  return nullptr;
}

/// A socket file nobody listens on any more, left by a process that was killed.
bool is_stale(const sockaddr_un& name) {
  struct stat info {};
  if (::lstat(name.sun_path, &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int rc = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  const bool refused = rc != 0 && errno == ECONNREFUSED;
  ::close(fd);
  return refused;
}

Sockets open_unix(const Listen& listen) {
  const Address& address = listen.address;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.path.size() >= sizeof name.sun_path)
    return failure(address, "path too long");
  address.path.copy(name.sun_path, address.path.size());

  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(address, std::strerror(errno));
  ListenSocket socket(fd);
  if (is_stale(name)) ::unlink(name.sun_path);
  // Nobody may connect before mode and group are set: listen(2) comes last.
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return failure(address, std::strerror(errno));
  }
  socket.bound_as(to_text(address), address.path);
  if (const char* reason = set_access(address.path, listen))
    return failure(address, reason);
  if (::listen(fd, kBacklog) != 0) return failure(address, std::strerror(errno));
  return one(std::move(socket));
}

Sockets take_from_systemd(const Address& address, const std::string& fd_name) {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(0, &names);
  std::vector<ListenSocket> sockets;
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    const std::string name = names[i];
    std::free(names[i]);  // NOLINT: sd_listen_fds_with_names(3) hands out malloc'ed texts
    const bool ours = name == fd_name || (fd_name == "spop" && name != "admin");
    if (!ours || sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) continue;
    // systemd passes blocking sockets: accept(2) would hold the loop up.
    evutil_make_socket_nonblocking(fd);
    sockets.emplace_back(fd).bound_as(bound_name(fd));
  }
  std::free(names);  // NOLINT
  if (sockets.empty()) {
    return failure(address,
                   "systemd passed no such listening socket; see systemd.socket(5)");
  }
  return sockets;
}

}  // namespace

void ListenSocket::bound_as(std::string name, std::string unlink_path) {
  name_ = std::move(name);
  unlink_path_ = std::move(unlink_path);
}

ListenSocket::~ListenSocket() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (!unlink_path_.empty()) ::unlink(unlink_path_.c_str());
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      unlink_path_(std::move(other.unlink_path_)) {}

Sockets open_listen_sockets(const Listen& listen, const std::string& fd_name) {
  switch (listen.address.kind) {
    case Address::Kind::kTcp:
      return open_tcp(listen.address);
    case Address::Kind::kUnix:
      return open_unix(listen);
    case Address::Kind::kSystemd:
      break;
  }
  return take_from_systemd(listen.address, fd_name);
}

Listener::Listener(Loop& loop, ListenSocket socket, std::shared_ptr<const TlsContext> tls,
                   std::function<void(Accepted)> accepted)
    : socket_(std::move(socket)),
      tls_(std::move(tls)),
      accepted_(std::move(accepted)),
      retry_(loop, [this] {
        if (!paused_) evconnlistener_enable(listener_);
      }) {
  const auto on_accept = [](evconnlistener*, evutil_socket_t fd, sockaddr* address,
                            int length, void* self) {
    auto& listener = *static_cast<Listener*>(self);
    Accepted made = describe(fd, address, static_cast<socklen_t>(length));
    if (listener.tls_) made.tls = listener.tls_->new_session();
    listener.accepted_(std::move(made));
  };
  const auto on_error = [](evconnlistener* listener, void* self) {
    static log::RateLimit limit;
    std::uint64_t suppressed = 0;
    if (limit.allow(suppressed)) {
      log::warn("accept-failed",
                {{"error", std::strerror(errno)}, {"suppressed", suppressed}},
                "new connections wait; raise the limit of open files (LimitNOFILE=)");
    }
    evconnlistener_disable(listener);
    static_cast<Listener*>(self)->retry_.start(kRetryAfterAcceptError);
  };
  // Backlog 0: the socket listens already. libevent sets accepted sockets non-blocking.
  listener_ = evconnlistener_new(loop.base(), on_accept, this, LEV_OPT_CLOSE_ON_EXEC, 0,
                                 socket_.fd());
  evconnlistener_set_error_cb(listener_, on_error);
}

void Listener::pause() {
  paused_ = true;
  evconnlistener_disable(listener_);
}

void Listener::resume() {
  paused_ = false;
  evconnlistener_enable(listener_);
}

Listener::~Listener() { evconnlistener_free(listener_); }

}  // namespace spoa::accept
