// Puts the fragments of a NOTIFY together (SPOE.txt 3.2). HAProxy up to 3.0 cuts a NOTIFY
// larger than a frame; it does not mix the pieces of two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/wire_error.h"

namespace spoa::decode {

enum class Progress : std::uint8_t {
  kMore,       ///< taken; the series goes on
  kComplete,   ///< this was the last fragment
  kCancelled,  ///< HAProxy gave up: it waits for no ACK
};

/// What one frame led to.
struct Assembly {
  Progress progress = Progress::kMore;
  FrameId id;                         ///< the NOTIFY's
  std::vector<std::uint8_t> payload;  ///< kComplete: all of it, the caller's to keep
};

/// One per connection; loop thread only. Holds at most one series.
class Assembler {
 public:
  /// limit_bytes  the largest payload put together of several frames. Memory follows what
  ///              has arrived and never exceeds it.
  explicit Assembler(std::size_t limit_bytes) noexcept : limit_(limit_bytes) {}

  /// Takes a NOTIFY or an UNSET frame; its bytes are copied. A NOTIFY in one piece is
  /// kComplete at once, whatever its size: who cut the frame off has accepted that. ABORT
  /// counts only together with FIN, and only in a series.
  ///
  /// Errors    kInterlacedFragments: an UNSET of no series or with other ids, or a NOTIFY
  ///           within a series. kFragmentsTooBig: more than limit_bytes. The series is
  ///           then dropped and its memory free.
  Result<Assembly, WireError> feed(const Frame& frame);

  /// Forgets an open series, and frees what was held of it.
  void drop() noexcept { close(); }

  /// A series has begun and not ended: the peer owes a fragment.
  [[nodiscard]] bool open() const noexcept { return open_; }

  /// Bytes held for the open series.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return payload_.size(); }

 private:
  void append(Bytes bytes);
  std::vector<std::uint8_t> close() noexcept;

  std::size_t limit_;
  bool open_ = false;
  FrameId id_;
  std::vector<std::uint8_t> payload_;
};

}  // namespace spoa::decode
