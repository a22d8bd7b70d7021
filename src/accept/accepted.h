// A connection as the listener hands it over.
#pragma once

#include <string>

#include "tls.h"

namespace spoa::accept {

struct Accepted {
  int fd = -1;       ///< connected, non-blocking, close-on-exec; the receiver's to close
  std::string peer;  ///< `127.0.0.1:40000`, `[::1]:40000` or `unix`
  std::string address;  ///< the peer's without its port; empty for a unix socket
  SslPtr tls;           ///< nullptr: in the clear
};

}  // namespace spoa::accept
