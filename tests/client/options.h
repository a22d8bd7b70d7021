// The command line of spop-client.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client.h"

namespace spop {

/// What is wrong with the NOTIFYs, or the HELLO.
enum class Lie : std::uint8_t {
  kNone,
  kLengthShort,  ///< the length field says a byte less than there is
  kLengthLong,   ///< a byte more
  kLengthZero,
  kLengthHuge,   ///< 4 GiB less a byte
  kFragmentIds,  ///< continuations of another stream than their NOTIFY
  kHelloIds,     ///< a HELLO with a stream-id
};

/// How a version of HAProxy numbers its NOTIFYs, and what it does with a large one.
struct Habits {
  std::uint64_t first_stream = 0;
  std::uint64_t stream_step = 1;
  enum class Large : std::uint8_t {
    kAsIs,       ///< sent whole, whatever was negotiated
    kFragments,  ///< up to 3.0
    kAnnounced,  ///< 3.1.0: sent whole up to what it announced, not what was negotiated
    kFails,      ///< from 3.2 on: the request gets an error, nothing is sent
  };
  Large large = Large::kAsIs;
};

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
  Habits habits;
  Lie lie = Lie::kNone;
  Pace pace;
  bool never_read = false;  ///< sends its NOTIFYs, reads no ACK, waits for the end
  bool reset = false;       ///< ends with a reset

  bool raw = false;  ///< `raw_bytes` instead of NOTIFYs
  std::string raw_bytes;
  bool after_hello = false;  ///< `raw` only: shake hands first
};

inline constexpr int kExitUsage = 64;

/// What to do, or the status to exit with: 0 after --help, kExitUsage after a mistake,
/// which has been explained on standard error.
spoa::Result<Options, int> parse(int argc, const char* const* argv);

}  // namespace spop
