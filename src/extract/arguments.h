// The arguments of one NOTIFY, found by name.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "spoa/frame.h"
#include "spoa/request.h"

namespace spoa::extract {

/// What an argument can be called. Order is free, unknown names are ignored and counted.
enum class Key : std::uint8_t {
  kApp,
  kId,
  kSrcIp,
  kSrcPort,
  kDstIp,
  kDstPort,
  kMethod,
  kPath,
  kQuery,
  kUrl,
  kVersion,
  kHeaders,
  kBody,
  kBodySize,
  kStatus,
  // TLS: HAProxy's samples of the client hello, for fingerprints
  kTls,
  kTlsVersion,
  kTlsHelloVersion,
  kTlsCiphers,
  kTlsExtensions,
  kTlsGroups,
  kTlsEcFormats,
  kTlsSupportedVersions,
  kTlsSignatureAlgorithms,
  kTlsSni,
  kTlsAlpn,
  kTlsCipher,
  kTlsAlpnOffered,
  kTlsCaptureSize,
  // coraza-spoa's
  kExportRuleIds,
  kDetectOnly,
};
inline constexpr std::size_t kKeys = static_cast<std::size_t>(Key::kDetectOnly) + 1;

/// Two spellings of one value, or two values.
bool same(const Value& a, const Value& b);

/// Starts the name of an argument for the rules.
inline constexpr std::string_view kContextPrefix = "tx.";

/// The values of one NOTIFY under their names, whatever their order and message.
///
/// HAProxy puts all messages of one event in one NOTIFY: their arguments are taken
/// together. An argument given twice must say the same both times, else nobody can tell
/// which part of the request would go uninspected.
class Arguments {
 public:
  /// Views into what `arguments` views. The eight unnamed arguments of `check-request`
  /// (the 2017 agent's message) are taken by position.
  explicit Arguments(const std::vector<Argument>& arguments);

  /// nullptr: not sent. Holds std::monostate: sent, but NULL.
  [[nodiscard]] const Value* find(Key key) const noexcept;
  [[nodiscard]] bool sent(Key key) const noexcept { return find(key) != nullptr; }
  [[nodiscard]] bool is_null(Key key) const noexcept;

  /// Nothing for an argument that was not sent or is NULL. A value of another type is
  /// nothing too, and turns fault() to kWrongType.
  std::optional<std::string_view> text(Key key);
  std::optional<std::uint64_t> number(Key key);
  std::optional<Bytes> bytes(Key key);  ///< a string counts as bytes

  /// Those named `tx.NAME`, in order, names and values unchecked.
  [[nodiscard]] const std::vector<const Argument*>& context() const noexcept {
    return context_;
  }
  [[nodiscard]] Dialect dialect() const noexcept { return dialect_; }

  void fail(RequestFault fault) noexcept;
  /// The first fault met.
  [[nodiscard]] RequestFault fault() const noexcept { return fault_; }
  [[nodiscard]] std::uint32_t known() const noexcept { return known_; }
  [[nodiscard]] std::uint32_t unknown() const noexcept { return unknown_; }

 private:
  void recognise(const Argument& argument) noexcept;
  void add(Key key, const Value& value);

  std::array<const Value*, kKeys> values_{};
  std::vector<const Argument*> context_;
  Dialect dialect_ = Dialect::kNamed;
  RequestFault fault_ = RequestFault::kNone;
  std::uint32_t known_ = 0;
  std::uint32_t unknown_ = 0;
};

}  // namespace spoa::extract
