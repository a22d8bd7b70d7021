// What the agent says: AGENT-HELLO, ACK, AGENT-DISCONNECT (SPOE.txt 3.2.5, 3.2.7, 3.2.9).
// Pure functions; what they return owns its bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "spoa/frame.h"
#include "spoa/result.h"
#include "spoa/verdict.h"

namespace spoa::bench {

struct AgentHello {
  std::uint32_t max_frame_size = 0;  ///< bytes, as negotiated
  bool pipelining = false;
};

/// announced  the max-frame-size of our HELLO, which the agent must keep to.
/// Error: what is wrong, or why the agent refuses.
Result<AgentHello, std::string> read_agent_hello(const Frame& frame,
                                                 std::uint32_t announced);

/// The verdict, by number, for tables: those of Action and Reason, then the two below.
struct Answer {
  std::uint8_t action = 0;
  std::uint8_t reason = 0;
  bool operator==(const Answer&) const = default;

  /// Judged by the rules. Of agents that give no reason every answer is taken so.
  [[nodiscard]] bool inspected() const noexcept;
  [[nodiscard]] bool allows() const noexcept;
};
/// The agent did not set the variable; it set it to a word we do not know.
inline constexpr std::uint8_t kNoAction = kActions, kOtherAction = kActions + 1;
inline constexpr std::uint8_t kNoReason = kReasons, kOtherReason = kReasons + 1;
inline constexpr std::size_t kActionRows = kActions + 2;
inline constexpr std::size_t kReasonRows = kReasons + 2;

std::string_view action_name(std::uint8_t action) noexcept;
std::string_view reason_name(std::uint8_t reason) noexcept;

/// Reads `action` and `reason` of scope txn. An agent that sets `code` alone, as the one
/// of 2017 does, denies with a code above 0; one that sets nothing at all allows. Error:
/// what is malformed. HAProxy would stop at it without a word.
Result<Answer, std::string> read_ack(const Frame& frame);

/// "code 9: bad max-frame-size", for people.
std::string read_agent_disconnect(const Frame& frame);

}  // namespace spoa::bench
