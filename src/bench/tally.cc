#include "tally.h"

#include <fmt/format.h>

namespace spoa::bench {
namespace {

constexpr auto kAttack = static_cast<std::size_t>(RequestKind::kAttack);
constexpr auto kByRules = static_cast<std::uint8_t>(Reason::kRules);

std::uint64_t microseconds(std::chrono::nanoseconds time) noexcept {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  return us > 0 ? static_cast<std::uint64_t>(us) : 0;
}

}  // namespace

void Tally::offer(std::size_t kind) {
  ++offered;
  ++kinds[kind].offered;
}

void Tally::answer(std::size_t kind, Answer answer, std::chrono::nanoseconds time,
                   std::chrono::milliseconds in_time) {
  const bool inspected = answer.inspected();
  ++answers[answer.action][answer.reason];
  latency.record(microseconds(time));
  if (time <= in_time) {
    ++(inspected ? inspected_in_time : uninspected_in_time);
  } else {
    ++(inspected ? inspected_late : uninspected_late);
  }
  if (!inspected) return;
  inspected_latency.record(microseconds(time));
  ++kinds[kind].inspected;
  if (answer.allows()) ++kinds[kind].allowed;
  if (kind == kAttack && answer.allows()) ++attacks_allowed;
  const bool by_rules = answer.reason == kByRules || answer.reason == kNoReason;
  if (kind < kAttack && !answer.allows() && by_rules) ++clean_denied;
}

double per_second(std::uint64_t count, std::chrono::nanoseconds length) noexcept {
  const double seconds = std::chrono::duration<double>(length).count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string why_void(const BenchSettings& settings, const Measurement& measured) {
  if (measured.total.answered() == 0) return "nothing was answered";
  const auto most = std::chrono::duration_cast<std::chrono::microseconds>(kMostLag);
  if (measured.lag.percentile(99) > static_cast<std::uint64_t>(most.count())) {
    return fmt::format(
        "bench itself fell behind: more than 1 % of the requests were sent over {} ms "
        "after they were due",
        kMostLag.count());
  }
  const double cpu = per_second(1, measured.length) *
                     std::chrono::duration<double>(measured.cpu).count();
  if (settings.rate.empty() && cpu > kMostCpu) {
    return "bench itself was busy all the time: the agent may be able to do more";
  }
  return {};
}

}  // namespace spoa::bench
