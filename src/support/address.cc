#include <string>

#include <fmt/format.h>

#include "spoa/settings.h"

namespace spoa {

std::string to_text(const Address& address) {
  switch (address.kind) {
    case Address::Kind::kUnix:
      return "unix:" + address.path;
    case Address::Kind::kSystemd:
      return "systemd";
    case Address::Kind::kTcp:
      break;
  }
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address.host, address.port)
            : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace spoa
