// The answer HAProxy gets, before it is spelled as variables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spoa {

enum class Action : std::uint8_t { kAllow, kDeny, kRedirect, kDrop };
inline constexpr std::size_t kActions = static_cast<std::size_t>(Action::kDrop) + 1;

enum class Reason : std::uint8_t {
  kClean,  ///< inspected whole, no rule that logs matched
  kRules,  ///< at least one rule that logs matched, whatever the action
  // not inspected, and why:
  kOverload,
  kTimeout,
  kBadRequest,
  kTruncated,
  kUnknownTransaction,
  kShutdown,
  kEngineError,
};
inline constexpr std::size_t kReasons =
    static_cast<std::size_t>(Reason::kEngineError) + 1;

/// The words HAProxy's configuration tests: `allow`, `deny`, `redirect`, `drop`.
std::string_view name_of(Action action) noexcept;
/// `clean`, `rules`, `overload`, `timeout`, `bad-request`, ...
std::string_view name_of(Reason reason) noexcept;

struct Verdict {
  Action action = Action::kAllow;
  int code = 0;              ///< HTTP status to answer with; 0 for allow
  std::string redirect_url;  ///< only for Action::kRedirect
  Reason reason = Reason::kClean;
};

}  // namespace spoa
