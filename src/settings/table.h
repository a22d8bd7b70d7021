// The table of the settings: the one place that knows their names, ranges and defaults.
// The reader, the flags, --help, the man pages and docs/configuration.md all follow it.
//
// A new setting is one row here and one field in spoa/settings.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spoa/bench_settings.h"
#include "spoa/settings.h"
#include "values.h"

namespace spoa::settings {

/// The notation of a value. The lists accept a single value too.
enum class Kind : std::uint8_t {
  kAddress,
  kAddresses,
  kCount,
  kDuration,
  kSize,
  kChoice,  ///< one of `words`, in the order of the enum behind it
  kOutput,  ///< a file, or one of `words`
  kFile,
  kFiles,
  kMode,   ///< a file's permissions, octal
  kGroup,  ///< of users: name or number
  kName,
  kMediaTypes,  ///< a list; parameters such as charset are refused
  kWord,        ///< letters, digits and a few marks, as in a name
  kSwitch,      ///< a flag without a value
  kRates,       ///< N, or N:DURATION,...
  kMix,         ///< kinds of requests with their weights
};

/// Where a value goes. Lists are added to; see clear().
using Slot =
    std::variant<Address*, std::vector<Listen>*, std::size_t*, std::uint32_t*,
                 std::chrono::milliseconds*, std::string*, std::vector<std::string>*,
                 std::optional<unsigned>*, LogLevel*, LogFormat*, FailurePolicy*,
                 TruncationPolicy*, bool*, std::vector<RatePhase>*, MixWeights*,
                 Arrivals*, QuestionDialect*>;

/// What a row's place may lie in: the daemon's settings, one application, one item of
/// `listen`, what a command is asked. Those a row does not speak of are left alone.
struct Target {
  Settings& settings;
  ApplicationSettings& application;
  Listen& listen;
  BenchSettings* bench = nullptr;  ///< for the rows of bench_flags()
};

/// Both ends are allowed. Counts, milliseconds or bytes.
struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

struct Setting {
  /// Dotted path; `*` stands for an application's name, or for an item of `listen`.
  std::string_view key;
  Kind kind;
  Range range{};
  std::span<const std::string_view> words{};
  /// The default, as it would be written; of a list, joined by ", ". Empty: none.
  std::string_view fallback{};
  std::string_view flag{};  ///< empty: settings file only
  std::string_view help{};  ///< plain sentences
  bool reloads = false;     ///< a reload takes it in, as it does all of an application
  Slot (*slot)(const Target&) = nullptr;

  [[nodiscard]] bool is_list() const noexcept {
    return kind == Kind::kAddresses || kind == Kind::kFiles || kind == Kind::kMediaTypes;
  }
  [[nodiscard]] bool of_application() const noexcept {
    return key.starts_with("applications.");
  }
  [[nodiscard]] bool of_listen() const noexcept { return key.starts_with("listen."); }
  /// Else it needs a restart.
  [[nodiscard]] bool is_taken_in() const noexcept { return reloads || of_application(); }
};

std::span<const Setting> table() noexcept;

/// The row of a dotted path, `*` as in Setting::key; null when there is none.
const Setting* find(std::string_view key) noexcept;

/// The names that may stand directly below `path` ("" for the top), in the table's order.
std::vector<std::string_view> names_below(std::string_view path);

/// The values of `fallback`: none, one, or a list's.
std::vector<std::string_view> defaults_of(const Setting& setting);

/// Reads one value into its place, or says what is wrong with it and leaves the place
/// alone.
std::optional<Complaint> assign(const Setting& setting, std::string_view text, Slot slot);

/// Empties a list, so that what is read replaces the default. No effect on other places.
void clear(Slot slot);

/// Puts the table's defaults in place: of the daemon, or of one application. What an item
/// of `listen` leaves out is filled in by resolve().
void assign_defaults(Settings& settings);
void assign_defaults(ApplicationSettings& application);

/// "1 to 1000000", "allow or deny", ...
std::string allowed(const Setting& setting);

/// Letters, digits, `_`, `.`, `-`; 1 to 64 of them.
std::optional<Complaint> complain_about_name(std::string_view name);

}  // namespace spoa::settings
