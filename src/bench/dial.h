// Sockets to an agent. Never blocks but to look up a name.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::bench {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// In the order to try them. Error: why there is none.
Result<std::vector<Endpoint>, std::string> endpoints_of(const Address& address);

/// Begins to connect. A socket that does not block, or -1 with errno. Ask pending_error()
/// once it can be written to.
int begin_connect(const Endpoint& endpoint);

/// errno of a connection begun; 0: it stands.
int pending_error(int fd);

}  // namespace spoa::bench
