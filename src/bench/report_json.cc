#include <nlohmann/json.hpp>

#include "report.h"

namespace spoa::bench {
namespace {

using Json = nlohmann::ordered_json;

double in_ms(std::uint64_t us) noexcept { return static_cast<double>(us) / 1000; }

double in_seconds(std::chrono::nanoseconds time) noexcept {
  return std::chrono::duration<double>(time).count();
}

Json percentiles(const Histogram& histogram) {
  return {{"p50", in_ms(histogram.percentile(50))},
          {"p90", in_ms(histogram.percentile(90))},
          {"p99", in_ms(histogram.percentile(99))},
          {"p99.9", in_ms(histogram.percentile(99.9))},
          {"max", in_ms(histogram.max())}};
}

Json answers_of(const Tally& tally) {
  Json answers = Json::array();
  for (std::uint8_t action = 0; action < kActionRows; ++action) {
    for (std::uint8_t reason = 0; reason < kReasonRows; ++reason) {
      const std::uint64_t count = tally.answers[action][reason];
      if (count == 0) continue;
      answers.push_back({{"action", action_name(action)},
                         {"reason", reason_name(reason)},
                         {"count", count}});
    }
  }
  return answers;
}

Json kinds_of(const Tally& tally) {
  Json kinds = Json::object();
  for (std::size_t i = 0; i < kKinds; ++i) {
    const KindTally& kind = tally.kinds[i];
    if (kind.offered == 0) continue;
    const std::string_view name = i == kFileKind ? "file" : kRequestKindNames[i];
    kinds[std::string(name)] = {{"offered", kind.offered},
                                {"inspected", kind.inspected},
                                {"allowed", kind.allowed}};
  }
  return kinds;
}

Json tally_json(const Tally& tally, std::chrono::nanoseconds length) {
  return {{"seconds", in_seconds(length)},
          {"offered", tally.offered},
          {"offered_per_second", per_second(tally.offered, length)},
          {"answered", tally.answered()},
          {"answered_per_second", per_second(tally.answered(), length)},
          {"inspected_in_time", tally.inspected_in_time},
          {"inspected_in_time_per_second", per_second(tally.inspected_in_time, length)},
          {"uninspected_in_time", tally.uninspected_in_time},
          {"inspected_late", tally.inspected_late},
          {"uninspected_late", tally.uninspected_late},
          {"unanswered", tally.unanswered},
          {"lost", tally.lost},
          {"wrong",
           {{"attacks_allowed", tally.attacks_allowed},
            {"clean_denied", tally.clean_denied}}},
          {"latency_ms", percentiles(tally.latency)},
          {"inspected_latency_ms", percentiles(tally.inspected_latency)},
          {"answers", answers_of(tally)},
          {"kinds", kinds_of(tally)}};
}

Json load_json(const BenchSettings& settings) {
  const bool open = !settings.rate.empty();
  return {{"loop", open ? "open" : "closed"},
          {"text", load_text(settings)},
          {"arrivals", !open                                  ? Json()
                       : settings.arrivals == Arrivals::kEven ? Json("even")
                                                              : Json("poisson")},
          {"concurrency", open ? Json() : Json(settings.concurrency)},
          {"connections", settings.connections},
          {"warmup_seconds", in_seconds(settings.warmup)},
          {"in_time_ms", settings.in_time.count()},
          {"timeout_ms", settings.timeout.count()}};
}

}  // namespace

std::string to_json(const BenchSettings& settings, const Measurement& measured) {
  Json phases = Json::array();
  for (std::size_t i = 0; i < settings.rate.size(); ++i) {
    Json phase = {{"rate", settings.rate[i].per_second}};
    phase.update(tally_json(measured.phases[i], measured.phase_lengths[i]));
    phases.push_back(std::move(phase));
  }
  Json timeline = Json::array();
  for (std::size_t i = 0; i < measured.timeline.size(); ++i) {
    const auto begin = i * settings.interval;
    const auto length =
        std::min<std::chrono::nanoseconds>(settings.interval, measured.length - begin);
    Json row = {{"from_seconds", in_seconds(begin)}};
    row.update(tally_json(measured.timeline[i], length));
    timeline.push_back(std::move(row));
  }
  const std::string failure = why_void(settings, measured);
  const Json json = {
      {"target", to_text(settings.target)},
      {"load", load_json(settings)},
      {"latency_counts", latency_text(settings)},
      {"total", tally_json(measured.total, measured.length)},
      {"phases", std::move(phases)},
      {"timeline", std::move(timeline)},
      {"generator",
       {{"cpu_seconds", in_seconds(measured.cpu)},
        {"lag_ms", settings.rate.empty() ? Json() : percentiles(measured.lag)},
        {"connections_lost", measured.connections_lost},
        {"last_failure", measured.last_failure},
        {"interrupted", measured.interrupted}}},
      {"counts", failure.empty()},
      {"why_not", failure}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace spoa::bench
