// The files of tests/wire/survive: what a peer does, in annotated hex, and what must come
// of it.
//
//   @row TEXT              the row of the survive list it stands for
//   @settings LINE         a line of settings for the agent
//   @library throws        libmodsecurity throws at a path /explode
//   @times N               all of it N times, each on a connection of its own
//   @hello [SIZE]          shakes hands first; max-frame-size 16380, or that one
//   @send [N]              the bytes that follow, N times (hex.h says how they are
//   written)
//   @other                 from here on another connection, shaken hands with; the first
//   @back                  from here on the first connection again, or back again
//   stays
//   @receive               exactly the bytes that follow come back
//   @ack STREAM FRAME NAME=VALUE... [*N]   an ACK with these variables comes, N times
//   @wait METRIC           until it is more than 0
//   @unread                nothing is read until the error is counted; then it does not
//   matter
//   @closed | @open | @close | @reset      the end: the agent has closed; it has not, and
//                          answers; the peer closes; the peer resets
//   @counts ERROR|nothing  what protocol_errors_total{error} has moved, and that alone
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace spoa::serve {

struct Step {
  enum class Kind : std::uint8_t {
    kHello,
    kSend,
    kOther,
    kBack,
    kReceive,
    kAck,
    kWait,
    kUnread,
    kClosed,
    kOpen,
    kClose,
    kReset,
  };
  Kind kind = Kind::kSend;
  std::size_t times = 1;     ///< kSend, kAck
  std::uint32_t size = 0;    ///< kHello
  std::string bytes;         ///< kSend, kReceive; kWait: the metric
  std::uint64_t stream = 0;  ///< kAck, as the next two
  std::uint64_t frame = 0;
  std::vector<std::pair<std::string, std::string>> variables;
};

struct Script {
  std::string row;
  std::string settings;  ///< lines
  bool library_throws = false;
  std::size_t times = 1;
  std::vector<Step> steps;  ///< the last one is an end
  std::string counts;       ///< `nothing`, or the error's name
};

/// Throws std::runtime_error for what is not understood, and for a file that expects
/// nothing: without a row, an end, a count, or, where the agent is to answer, an answer.
Script read_script(const std::string& text);

/// The same of a file; what is thrown names it.
Script read_script(const std::filesystem::path& file);

}  // namespace spoa::serve
