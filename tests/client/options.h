// The command line of spop-client.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client.h"

namespace spop {

struct Options {
  std::string address;
  std::chrono::milliseconds patience{5000};
  Dialect dialect;
  bool hello_only = false;
  bool disconnect = false;  ///< say goodbye at the end
  bool show_ids = false;

  Message message;             ///< what every NOTIFY carries
  std::uint64_t repeat = 1;    ///< how many of them
  std::uint64_t pipeline = 1;  ///< how many may wait for their ACK at once
  std::size_t fragment = 0;    ///< bytes of payload a piece; 0: whole

  bool raw = false;  ///< `raw_bytes` instead of NOTIFYs
  std::string raw_bytes;
  bool after_hello = false;  ///< `raw` only: shake hands first
};

inline constexpr int kExitUsage = 64;

/// What to do, or the status to exit with: 0 after --help, kExitUsage after a mistake,
/// which has been explained on standard error.
spoa::Result<Options, int> parse(int argc, const char* const* argv);

}  // namespace spop
