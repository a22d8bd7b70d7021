// What the command `bench` is asked to do: parsed and checked. Immutable once read.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/settings.h"

namespace spoa {

/// The kinds of request of the built-in mix.
enum class RequestKind : std::uint8_t { kGet, kQuery, kForm, kJson, kAttack };
inline constexpr std::size_t kRequestKinds =
    static_cast<std::size_t>(RequestKind::kAttack) + 1;
/// `get`, `query`, `form`, `json`, `attack`.
inline constexpr std::array<std::string_view, kRequestKinds> kRequestKindNames{
    "get", "query", "form", "json", "attack"};

/// How many of each kind come in a row as long as the sum, by RequestKind.
using MixWeights = std::array<std::uint32_t, kRequestKinds>;
inline constexpr MixWeights kBuiltInMix{60, 38, 27, 22, 3};

/// One stretch of an open loop.
struct RatePhase {
  std::uint32_t per_second = 0;
  std::chrono::milliseconds length{0};
  bool operator==(const RatePhase&) const = default;
};

/// How the requests of an open loop follow each other.
enum class Arrivals : std::uint8_t { kPoisson, kEven };

/// How an agent wants the parts of a request named.
enum class QuestionDialect : std::uint8_t { kNamed, kCoraza, k2017 };

struct BenchSettings {
  Address target;               ///< never `systemd` after reading
  std::vector<RatePhase> rate;  ///< open loop; empty: closed loop
  Arrivals arrivals = Arrivals::kPoisson;
  std::uint32_t concurrency = 16;  ///< closed loop: requests that wait at once
  std::uint32_t connections = 8;
  std::chrono::milliseconds duration{10'000};  ///< of a closed loop
  std::chrono::milliseconds warmup{1'000};     ///< before it; not counted
  std::size_t requests = 0;                    ///< at most so many counted; 0: any number
  MixWeights mix = kBuiltInMix;
  std::vector<std::string> request_files;  ///< in place of the mix, unless empty
  QuestionDialect dialect = QuestionDialect::kNamed;
  std::string app;                           ///< empty: the argument is left out
  std::string id_prefix = "bench";           ///< of the argument id
  std::uint32_t max_frame_size = 65'532;     ///< bytes, as HELLO announces it
  std::chrono::milliseconds in_time{400};    ///< what counts as in time
  std::chrono::milliseconds timeout{2'000};  ///< what counts as unanswered
  std::chrono::milliseconds interval{0};     ///< of the timeline; 0: none
  bool json = false;
};

}  // namespace spoa
