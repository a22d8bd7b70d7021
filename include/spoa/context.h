// What HAProxy knows beside the request itself: values for the rules, TLS fingerprints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoa {

/// An argument `tx.NAME`: the rules see it as `TX:NAME`.
struct ContextValue {
  std::string_view name;  ///< as sent, without `tx.`; [A-Za-z0-9_.-], 1 to 64 of them
  std::string text;       ///< at most kMaxContextTextBytes
};
inline constexpr std::size_t kMaxContextValues = 64;
inline constexpr std::size_t kMaxContextNameBytes = 64;
inline constexpr std::size_t kMaxContextTextBytes = 8192;

/// Why an argument `tx.NAME` did not become a variable.
enum class ContextDrop : std::uint8_t {
  kBadName,  ///< empty, too long, or with a byte a name cannot have
  kTooMany,  ///< after kMaxContextValues others
  kTooLong,  ///< its text is longer than kMaxContextTextBytes: half of it could mislead
};
inline constexpr std::size_t kContextDrops =
    static_cast<std::size_t>(ContextDrop::kTooLong) + 1;
std::string_view name_of(ContextDrop drop) noexcept;

/// Why there is no fingerprint of a TLS connection.
enum class FingerprintGap : std::uint8_t {
  kNone,         ///< there is one; or nobody asked, or the connection has no TLS
  kNotSent,      ///< the message lacks an argument it needs
  kNotCaptured,  ///< sent as NULL: HAProxy captured nothing
  kIncomplete,   ///< the lists contradict each other: cut by HAProxy's capture buffer
  kAlpnUnknown,  ///< JA4: the client offered protocols, and HAProxy does not say which
  kWrongType,    ///< an argument of a type its name does not allow
  kNoDigest,     ///< OpenSSL refuses the digest (MD5, in FIPS mode)
};
inline constexpr std::size_t kFingerprintGaps =
    static_cast<std::size_t>(FingerprintGap::kNoDigest) + 1;
std::string_view name_of(FingerprintGap gap) noexcept;

struct Fingerprint {
  std::string text;  ///< empty: none
  FingerprintGap gap = FingerprintGap::kNone;
};

struct Context {
  std::vector<ContextValue> values;
  std::array<std::uint32_t, kContextDrops> dropped{};  ///< by ContextDrop
  Fingerprint ja3;                                     ///< 32 hex digits
  Fingerprint ja4;                                     ///< as t13d1516h2_8daaf6152771_…
};

}  // namespace spoa
