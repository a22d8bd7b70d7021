// The daemon's own log: one line per happening, for people (text) or for machines (JSON).
//
//   log::warn("uninspected", {{"reason", "overload"}, {"waited_us", 19800}}, "raise
//   workers"); time=2026-11-23T12:00:00.123Z level=warn event=uninspected reason=overload
//   waited_us=19800 msg="raise workers"
//
// Any thread. What a peer can cause goes through a RateLimit, so that nobody fills the
// disk.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "spoa/settings.h"

namespace spoa::log {

/// One value of a line. Views must live as long as the call.
class Value {
 public:
  Value(std::string_view text) : value_(text) {}  // NOLINT: meant to be implicit
  Value(const char* text) : value_(std::string_view(text)) {}         // NOLINT
  Value(const std::string& text) : value_(std::string_view(text)) {}  // NOLINT
  template <std::signed_integral T>
  Value(T number) : value_(static_cast<std::int64_t>(number)) {}  // NOLINT
  template <std::unsigned_integral T>
  Value(T number) : value_(static_cast<std::uint64_t>(number)) {}  // NOLINT

  [[nodiscard]] const auto& get() const noexcept { return value_; }

 private:
  std::variant<std::string_view, std::int64_t, std::uint64_t> value_;
};

struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// Opens `file` ("-": standard error) for appending. Call once, before other threads
/// start. False: it cannot be opened, and errno says why; the log stays on standard
/// error.
bool open(const std::string& file, LogLevel level, LogFormat format);

/// From the next line on; any thread.
void set_level(LogLevel level);

/// Opens the log file anew, after it was moved away. On failure the old one is kept.
bool reopen();

/// Where lines go now, for a signal handler: takes no lock.
struct Target {
  int fd = -1;
  bool json = false;
};
Target target() noexcept;

void debug(std::string_view event, Fields fields, std::string_view message);
void info(std::string_view event, Fields fields, std::string_view message);
void warn(std::string_view event, Fields fields, std::string_view message);
void error(std::string_view event, Fields fields, std::string_view message);

/// Lets a happening be logged once a second; says how many were left out since.
class RateLimit {
 public:
  /// True when a line may be written now; `suppressed` then holds what was left out
  /// before.
  bool allow(std::uint64_t& suppressed) noexcept;

 private:
  std::atomic<std::int64_t> next_ms_{0};
  std::atomic<std::uint64_t> suppressed_{0};
};

}  // namespace spoa::log
