#include "report.h"

#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace spoa::bench {
namespace {

using Lines = std::back_insert_iterator<std::string>;

constexpr std::array<double, 4> kPercents{50, 90, 99, 99.9};

double in_ms(std::uint64_t us) noexcept { return static_cast<double>(us) / 1000; }

std::string seconds_text(std::chrono::nanoseconds time) {
  return fmt::format("{:g}s", std::chrono::duration<double>(time).count());
}

std::string ms_text(std::uint64_t us) {
  const double ms = in_ms(us);
  return ms < 10 ? fmt::format("{:.2f}", ms) : fmt::format("{:.0f}", ms);
}

/// One row of the main table; the columns are those of append_head().
void append_row(std::string_view name, const Tally& tally,
                std::chrono::nanoseconds length, Lines out) {
  fmt::format_to(out, "{:<18} {:>8.1f} {:>8.1f} {:>7} {:>6} {:>6} {:>5} {:>5}", name,
                 per_second(tally.offered, length),
                 per_second(tally.inspected_in_time, length), tally.uninspected_in_time,
                 tally.late(), tally.unanswered, tally.lost, tally.wrong());
  for (const double percent : kPercents) {
    fmt::format_to(out, " {:>6}", ms_text(tally.latency.percentile(percent)));
  }
  fmt::format_to(out, " {:>6}\n", ms_text(tally.latency.max()));
}

void append_head(Lines out) {
  fmt::format_to(out, "{:<18} {:>17} {:>7} {:>27} {:>32}\n", "", "a second", "not", "",
                 "latency of all answers, ms");
  fmt::format_to(out, "{:<18} {:>8} {:>8} {:>7} {:>6} {:>6} {:>5} {:>5}", "", "offered",
                 "insp.", "insp.", "late", "unans.", "lost", "wrong");
  fmt::format_to(out, " {:>6} {:>6} {:>6} {:>6} {:>6}\n", "p50", "p90", "p99", "p99.9",
                 "max");
}

void append_legend(const BenchSettings& settings, Lines out) {
  fmt::format_to(out,
                 "  insp.     inspected, and answered within {0} ms\n"
                 "  not insp. answered within {0} ms, but not inspected\n"
                 "  late      answered later than that\n"
                 "  unans.    without an answer after {1} ms\n"
                 "  lost      under way on a connection that broke\n"
                 "  wrong     attacks let through and clean requests denied\n\n",
                 settings.in_time.count(), settings.timeout.count());
}

void append_timeline(const BenchSettings& settings, const Measurement& measured,
                     Lines out) {
  for (std::size_t i = 0; i < measured.timeline.size(); ++i) {
    const auto begin = i * settings.interval;
    append_row(
        "from " + seconds_text(begin), measured.timeline[i],
        std::min<std::chrono::nanoseconds>(settings.interval, measured.length - begin),
        out);
  }
}

void append_answers(const Tally& tally, Lines out) {
  fmt::format_to(out, "answers\n");
  for (std::uint8_t action = 0; action < kActionRows; ++action) {
    for (std::uint8_t reason = 0; reason < kReasonRows; ++reason) {
      const std::uint64_t count = tally.answers[action][reason];
      if (count == 0) continue;
      fmt::format_to(
          out, "  {:<10} {:<20} {:>10}  {:5.1f} %\n", action_name(action),
          reason_name(reason), count,
          100 * static_cast<double>(count) / static_cast<double>(tally.answered()));
    }
  }
}

void append_verdicts(const BenchSettings& settings, const Tally& tally, Lines out) {
  if (!settings.request_files.empty()) return;
  const auto& attacks = tally.kinds[static_cast<std::size_t>(RequestKind::kAttack)];
  fmt::format_to(out, "wrong verdicts\n  {} of {} inspected attacks let through\n",
                 tally.attacks_allowed, attacks.inspected);
  fmt::format_to(out, "  {} of {} inspected clean requests denied\n", tally.clean_denied,
                 tally.inspected_latency.count() - attacks.inspected);
}

void append_generator(const BenchSettings& settings, const Measurement& measured,
                      Lines out) {
  const double cpu = 100 * std::chrono::duration<double>(measured.cpu).count() *
                     per_second(1, measured.length);
  fmt::format_to(out, "bench itself\n  {:.0f} % of one CPU\n", cpu);
  if (!settings.rate.empty()) {
    fmt::format_to(out, "  requests sent late by: p50 {} ms, p99 {} ms, at most {} ms\n",
                   ms_text(measured.lag.percentile(50)),
                   ms_text(measured.lag.percentile(99)), ms_text(measured.lag.max()));
  }
  if (measured.connections_lost > 0) {
    fmt::format_to(out, "  {} connections lost, the latest: {}\n",
                   measured.connections_lost, measured.last_failure);
  }
  if (measured.interrupted) fmt::format_to(out, "  interrupted\n");
}

}  // namespace

std::string load_text(const BenchSettings& settings) {
  std::string text;
  const auto out = std::back_inserter(text);
  if (settings.rate.empty()) {
    fmt::format_to(out, "closed loop, {} at once for {}", settings.concurrency,
                   seconds_text(settings.duration));
  } else {
    std::vector<std::string> phases;
    for (const RatePhase& phase : settings.rate) {
      phases.push_back(
          fmt::format("{}/s for {}", phase.per_second, seconds_text(phase.length)));
    }
    fmt::format_to(
        out, "open loop, {}, {}", fmt::join(phases, ", then "),
        settings.arrivals == Arrivals::kEven ? "evenly spaced" : "at random (Poisson)");
  }
  fmt::format_to(out, ", over {} connections, after {} of warm-up", settings.connections,
                 seconds_text(settings.warmup));
  return text;
}

std::string_view latency_text(const BenchSettings& settings) noexcept {
  return settings.rate.empty() ? "from sending" : "from when a request was due";
}

std::string to_tables(const BenchSettings& settings, const Measurement& measured) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{}: {}\nlatency counts {}{}\n\n", to_text(settings.target),
                 load_text(settings), latency_text(settings),
                 settings.rate.empty()
                     ? ": requests that a slow answer held up are not in it"
                     : " (corrected for coordinated omission)");
  append_head(out);
  append_row(fmt::format("all, {}", seconds_text(measured.length)), measured.total,
             measured.length, out);
  if (measured.phases.size() > 1) {
    for (std::size_t i = 0; i < measured.phases.size(); ++i) {
      append_row(fmt::format("phase {}, {}/s", i + 1, settings.rate[i].per_second),
                 measured.phases[i], measured.phase_lengths[i], out);
    }
  }
  append_timeline(settings, measured, out);
  append_legend(settings, out);
  append_answers(measured.total, out);
  append_verdicts(settings, measured.total, out);
  append_generator(settings, measured, out);
  const std::string failure = why_void(settings, measured);
  if (!failure.empty()) fmt::format_to(out, "\nThis run does not count: {}.\n", failure);
  return text;
}

}  // namespace spoa::bench
