// What became of the requests: counts and latencies of a stretch of time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "answer.h"
#include "histogram.h"
#include "spoa/bench_settings.h"

namespace spoa::bench {

/// The kinds of the mix, then requests of a file.
inline constexpr std::size_t kFileKind = kRequestKinds;
inline constexpr std::size_t kKinds = kRequestKinds + 1;

struct KindTally {
  std::uint64_t offered = 0;
  std::uint64_t inspected = 0;
  std::uint64_t allowed = 0;  ///< of the inspected ones
};

/// Every request offered is in the end exactly one of: answered, unanswered, lost.
struct Tally {
  std::uint64_t offered = 0;
  std::uint64_t inspected_in_time = 0;
  std::uint64_t uninspected_in_time = 0;
  std::uint64_t inspected_late = 0;  ///< answered, but not in time
  std::uint64_t uninspected_late = 0;
  std::uint64_t unanswered = 0;       ///< no answer within --timeout
  std::uint64_t lost = 0;             ///< under way on a connection that broke
  std::uint64_t attacks_allowed = 0;  ///< attacks of the mix, inspected, not denied
  std::uint64_t clean_denied = 0;     ///< others of the mix, denied by rules
  std::array<std::array<std::uint64_t, kReasonRows>, kActionRows> answers{};
  std::array<KindTally, kKinds> kinds{};
  Histogram latency;            ///< of every answer, microseconds
  Histogram inspected_latency;  ///< of those that were inspected

  void offer(std::size_t kind);
  void answer(std::size_t kind, Answer answer, std::chrono::nanoseconds latency,
              std::chrono::milliseconds in_time);

  [[nodiscard]] std::uint64_t answered() const noexcept { return latency.count(); }
  [[nodiscard]] std::uint64_t late() const noexcept {
    return inspected_late + uninspected_late;
  }
  [[nodiscard]] std::uint64_t wrong() const noexcept {
    return attacks_allowed + clean_denied;
  }
};

/// All that a run came to.
struct Measurement {
  Tally total;
  std::vector<Tally> phases;    ///< of an open loop, as --rate has them
  std::vector<Tally> timeline;  ///< a row for each --interval
  std::vector<std::chrono::nanoseconds> phase_lengths;  ///< as far as they came
  std::chrono::nanoseconds length{0};                   ///< of what was counted
  Histogram lag;                    ///< open loop: how late requests were sent
  std::chrono::nanoseconds cpu{0};  ///< of this process while it was counted
  std::uint64_t connections_lost = 0;
  std::string last_failure;  ///< why the latest one was
  bool interrupted = false;
};

/// Requests a second that were offered, answered, ... in that time. 0 for no time.
double per_second(std::uint64_t count, std::chrono::nanoseconds length) noexcept;

/// Why the run does not count: nothing was answered, or the generator was too slow.
/// Empty: it does.
std::string why_void(const BenchSettings& settings, const Measurement& measured);

/// The generator is too slow when more than 1 % of the requests were sent later than
/// this.
inline constexpr std::chrono::milliseconds kMostLag{20};
/// ... or when it needed more than this of one CPU for a closed loop.
inline constexpr double kMostCpu = 0.9;

}  // namespace spoa::bench
