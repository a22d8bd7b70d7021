// The notations of the command `bench`.
#include <algorithm>

#include <fmt/format.h>

#include "suggest.h"
#include "values.h"

namespace spoa::settings {
namespace {

constexpr std::uint64_t kMostPerSecond = 1'000'000;
constexpr std::uint64_t kMostWeight = 10'000;
constexpr std::string_view kRateRemedy =
    "write N requests a second, or N:DURATION,N:DURATION,... as in 500:10s,1500:20s";
constexpr std::string_view kMixRemedy = "write KIND or KIND:WEIGHT, as in get:9,attack:1";

/// The items of a comma-separated list; an empty one where two commas meet, or at an end.
std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  while (true) {
    const std::size_t comma = list.find(',');
    items.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

Result<RatePhase, Complaint> parse_phase(std::string_view item) {
  const std::size_t colon = item.find(':');
  const auto rate = parse_count(item.substr(0, colon));
  if (!rate || *rate > kMostPerSecond) {
    return Complaint{fmt::format("has no usable rate: {}", shown(item)),
                     std::string(kRateRemedy)};
  }
  RatePhase phase;
  phase.per_second = static_cast<std::uint32_t>(*rate);
  if (colon == std::string_view::npos) return phase;
  const auto length = parse_duration(item.substr(colon + 1));
  if (!length) return length.error();
  if (length->count() == 0 || *length > std::chrono::hours(24)) {
    return Complaint{fmt::format("has no usable duration: {}", shown(item)),
                     "1ms to 24h"};
  }
  phase.length = *length;
  return phase;
}

}  // namespace

Result<std::vector<RatePhase>, Complaint> parse_rates(std::string_view text) {
  std::vector<RatePhase> phases;
  const auto items = items_of(text);
  for (const std::string_view item : items) {
    const auto phase = parse_phase(item);
    if (!phase) return phase.error();
    if (items.size() > 1 && phase->length.count() == 0) {
      return Complaint{fmt::format("has a rate without its duration: {}", shown(item)),
                       std::string(kRateRemedy)};
    }
    phases.push_back(*phase);
  }
  if (std::all_of(phases.begin(), phases.end(),
                  [](const RatePhase& phase) { return phase.per_second == 0; })) {
    return Complaint{"has no request in it", std::string(kRateRemedy)};
  }
  return phases;
}

Result<MixWeights, Complaint> parse_mix(std::string_view text) {
  MixWeights weights{};
  for (const std::string_view item : items_of(text)) {
    const std::size_t colon = item.find(':');
    const std::string_view name = item.substr(0, colon);
    const auto* const kind =
        std::find(kRequestKindNames.begin(), kRequestKindNames.end(), name);
    if (kind == kRequestKindNames.end()) {
      return Complaint{fmt::format("has no such kind: {}", shown(name)),
                       did_you_mean(name, kRequestKindNames, "known kinds")};
    }
    std::uint32_t& weight =
        weights[static_cast<std::size_t>(kind - kRequestKindNames.begin())];
    if (weight > 0) {
      return Complaint{fmt::format("has a kind twice: {}", shown(name)),
                       std::string(kMixRemedy)};
    }
    weight = 1;
    if (colon == std::string_view::npos) continue;
    const auto number = parse_count(item.substr(colon + 1));
    if (!number || *number == 0 || *number > kMostWeight) {
      return Complaint{fmt::format("has no usable weight: {}", shown(item)),
                       fmt::format("1 to {}", kMostWeight)};
    }
    weight = static_cast<std::uint32_t>(*number);
  }
  return weights;
}

}  // namespace spoa::settings
