#include "arguments.h"

#include <algorithm>

namespace spoa::extract {
namespace {

struct Name {
  std::string_view name;
  Key key;
};

constexpr std::array kNames{
    Name{"app", Key::kApp},
    Name{"id", Key::kId},
    Name{"src-ip", Key::kSrcIp},
    Name{"src-port", Key::kSrcPort},
    Name{"dst-ip", Key::kDstIp},
    Name{"dst-port", Key::kDstPort},
    Name{"method", Key::kMethod},
    Name{"path", Key::kPath},
    Name{"query", Key::kQuery},
    Name{"url", Key::kUrl},
    Name{"version", Key::kVersion},
    Name{"headers", Key::kHeaders},
    Name{"body", Key::kBody},
    Name{"body-size", Key::kBodySize},
    Name{"status", Key::kStatus},
    Name{"tls", Key::kTls},
    Name{"tls_ver", Key::kTlsVersion},
    Name{"tls_hello_id", Key::kTlsHelloVersion},
    Name{"tls_ciphers", Key::kTlsCiphers},
    Name{"tls_exts", Key::kTlsExtensions},
    Name{"tls_groups", Key::kTlsGroups},
    Name{"tls_ecformats", Key::kTlsEcFormats},
    Name{"tls_supver", Key::kTlsSupportedVersions},
    Name{"tls_sigalgs", Key::kTlsSignatureAlgorithms},
    Name{"tls_sni", Key::kTlsSni},
    Name{"tls_alpn", Key::kTlsAlpn},
    Name{"tls_cipher", Key::kTlsCipher},
    Name{"tls_alpn_offered", Key::kTlsAlpnOffered},
    Name{"tls_capture_size", Key::kTlsCaptureSize},
    Name{"exportRuleIDs", Key::kExportRuleIds},
    Name{"detect-only", Key::kDetectOnly},
};
static_assert(kNames.size() == kKeys);

// The 2017 agent's `check-request`: unnamed, in this order.
constexpr std::string_view kLegacyMessage = "check-request";
constexpr std::array kLegacyOrder{Key::kId,       Key::kMethod,  Key::kPath,
                                  Key::kQuery,    Key::kVersion, Key::kHeaders,
                                  Key::kBodySize, Key::kBody};

constexpr std::string_view kCorazaRequest = "coraza-req";
constexpr std::string_view kCorazaResponse = "coraza-res";

std::optional<Key> key_of(const Argument& argument) {
  if (argument.name.empty()) {
    if (argument.message != kLegacyMessage || argument.position >= kLegacyOrder.size()) {
      return std::nullopt;
    }
    return kLegacyOrder[argument.position];
  }
  const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const Name& entry) {
    return entry.name == argument.name;
  });
  if (found == kNames.end()) return std::nullopt;
  return found->key;
}

}  // namespace

bool same(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* bytes = std::get_if<Bytes>(&a)) {
    return as_text(*bytes) == as_text(std::get<Bytes>(b));
  }
  return std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, Bytes>) {
          return true;
        } else {
          return held == std::get<T>(b);
        }
      },
      a);
}

Arguments::Arguments(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments) {
    recognise(argument);
    if (const auto key = key_of(argument)) {
      ++known_;
      add(*key, argument.value);
    } else if (argument.name.starts_with(kContextPrefix)) {
      ++known_;
      context_.push_back(&argument);
    } else {
      ++unknown_;
    }
  }
}

void Arguments::recognise(const Argument& argument) noexcept {
  if (argument.message == kCorazaRequest || argument.message == kCorazaResponse) {
    dialect_ = Dialect::kCoraza;
  } else if (argument.name.empty() && argument.message == kLegacyMessage) {
    dialect_ = Dialect::kLegacy;
  }
}

void Arguments::add(Key key, const Value& value) {
  const Value*& slot = values_[static_cast<std::size_t>(key)];
  if (slot == nullptr) {
    slot = &value;
  } else if (!same(*slot, value)) {
    fail(RequestFault::kContradiction);
  }
}

const Value* Arguments::find(Key key) const noexcept {
  return values_[static_cast<std::size_t>(key)];
}

bool Arguments::is_null(Key key) const noexcept {
  const Value* value = find(key);
  return value != nullptr && std::holds_alternative<std::monostate>(*value);
}

std::optional<std::string_view> Arguments::text(Key key) {
  const Value* value = find(key);
  if (value == nullptr || is_null(key)) return std::nullopt;
  if (const auto* text = std::get_if<std::string_view>(value)) return *text;
  fail(RequestFault::kWrongType);
  return std::nullopt;
}

std::optional<std::uint64_t> Arguments::number(Key key) {
  const Value* value = find(key);
  if (value == nullptr || is_null(key)) return std::nullopt;
  if (const auto* plain = std::get_if<std::uint64_t>(value)) return *plain;
  if (const auto* signed_number = std::get_if<std::int64_t>(value);
      signed_number != nullptr && *signed_number >= 0) {
    return static_cast<std::uint64_t>(*signed_number);
  }
  fail(RequestFault::kWrongType);
  return std::nullopt;
}

std::optional<Bytes> Arguments::bytes(Key key) {
  const Value* value = find(key);
  if (value == nullptr || is_null(key)) return std::nullopt;
  if (const auto* bytes = std::get_if<Bytes>(value)) return *bytes;
  if (const auto* text = std::get_if<std::string_view>(value)) return as_bytes(*text);
  fail(RequestFault::kWrongType);
  return std::nullopt;
}

void Arguments::fail(RequestFault fault) noexcept {
  if (fault_ == RequestFault::kNone) fault_ = fault;
}

}  // namespace spoa::extract
