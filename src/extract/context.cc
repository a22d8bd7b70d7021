#include "context.h"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "fingerprint.h"

namespace spoa::extract {
namespace {

bool is_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !name.empty() && name.size() <= kMaxContextNameBytes &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

struct Spelling {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool flag) const { return flag ? "1" : "0"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(const Ipv4& address) const { return spell(address); }
  std::string operator()(const Ipv6& address) const { return spell(address); }
  std::string operator()(std::string_view text) const { return std::string(text); }
  std::string operator()(Bytes bytes) const { return hex(bytes); }
};

/// Of the text, without making it.
std::size_t text_bytes(const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return text->size();
  if (const auto* bytes = std::get_if<Bytes>(&value)) return 2 * bytes->size();
  return 0;  // all others are short
}

/// Collects the values of one message.
class Values {
 public:
  Values(Arguments& arguments, Context& out) : arguments_(arguments), out_(out) {}

  void add(const Argument& argument) {
    const std::string_view name = argument.name.substr(kContextPrefix.size());
    if (!is_name(name)) return drop(ContextDrop::kBadName);
    for (const Argument* earlier : taken_) {
      if (!same_name(*earlier, argument)) continue;
      if (!same(earlier->value, argument.value)) {
        arguments_.fail(RequestFault::kContradiction);
      }
      return;
    }
    if (taken_.size() == kMaxContextValues) return drop(ContextDrop::kTooMany);
    taken_.push_back(&argument);
    if (std::holds_alternative<std::monostate>(argument.value)) return;
    if (text_bytes(argument.value) > kMaxContextTextBytes) {
      return drop(ContextDrop::kTooLong);
    }
    out_.values.push_back({name, std::visit(Spelling{}, argument.value)});
  }

 private:
  static bool same_name(const Argument& a, const Argument& b) {
    return a.name.size() == b.name.size() &&
           strncasecmp(a.name.data(), b.name.data(), a.name.size()) == 0;
  }
  void drop(ContextDrop drop) { ++out_.dropped[static_cast<std::size_t>(drop)]; }

  Arguments& arguments_;
  Context& out_;
  std::vector<const Argument*> taken_;
};

/// The value of a `tls_*`. Another type than T, a NULL, an absence: the gap says which.
/// They never make the request faulty: a fingerprint is an extra.
template <typename T>
Sample<T> sample(const Arguments& arguments, Key key) {
  const Value* value = arguments.find(key);
  if (value == nullptr) return {{}, FingerprintGap::kNotSent};
  if (std::holds_alternative<std::monostate>(*value)) {
    return {{}, FingerprintGap::kNotCaptured};
  }
  if (const T* held = std::get_if<T>(value)) return {*held, FingerprintGap::kNone};
  return {{}, FingerprintGap::kWrongType};
}

/// HAProxy sends signed numbers; others may not.
Sample<std::int64_t> number(const Arguments& arguments, Key key) {
  const auto plain = sample<std::uint64_t>(arguments, key);
  if (plain.known()) return {static_cast<std::int64_t>(plain.value), plain.gap};
  return sample<std::int64_t>(arguments, key);
}

ClientHello read_client_hello(const Arguments& arguments) {
  ClientHello hello;
  hello.version = number(arguments, Key::kTlsHelloVersion);
  hello.ciphers = sample<Bytes>(arguments, Key::kTlsCiphers);
  hello.extensions = sample<Bytes>(arguments, Key::kTlsExtensions);
  hello.groups = sample<Bytes>(arguments, Key::kTlsGroups);
  hello.ec_formats = sample<Bytes>(arguments, Key::kTlsEcFormats);
  hello.supported_versions = sample<Bytes>(arguments, Key::kTlsSupportedVersions);
  hello.signature_algorithms = sample<Bytes>(arguments, Key::kTlsSignatureAlgorithms);
  hello.alpn_offered = sample<std::string_view>(arguments, Key::kTlsAlpnOffered);
  hello.alpn = sample<std::string_view>(arguments, Key::kTlsAlpn);
  hello.sni = sample<std::string_view>(arguments, Key::kTlsSni);
  hello.protocol = sample<std::string_view>(arguments, Key::kTlsVersion);
  hello.capture_bytes = number(arguments, Key::kTlsCaptureSize);
  return hello;
}

/// A frontend may serve plain HTTP too: then nothing is missing.
bool is_tls(const Arguments& arguments) {
  if (const Value* value = arguments.find(Key::kTls)) {
    if (const bool* flag = std::get_if<bool>(value)) return *flag;
  }
  constexpr std::array kTold{Key::kTlsVersion, Key::kTlsHelloVersion, Key::kTlsCiphers};
  return std::any_of(kTold.begin(), kTold.end(), [&](Key key) {
    return arguments.sent(key) && !arguments.is_null(key);
  });
}

bool is_asked(const Arguments& arguments) {
  constexpr std::array kLists{
      Key::kTlsCiphers,   Key::kTlsExtensions,        Key::kTlsGroups,
      Key::kTlsEcFormats, Key::kTlsSupportedVersions, Key::kTlsSignatureAlgorithms};
  return std::any_of(kLists.begin(), kLists.end(),
                     [&](Key key) { return arguments.sent(key); });
}

template <typename Address>
std::string spell_as(int family, const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address.octets.data(), text, sizeof text);
  return text;
}

}  // namespace

std::string spell(const Ipv4& address) { return spell_as(AF_INET, address); }
std::string spell(const Ipv6& address) { return spell_as(AF_INET6, address); }

Context read_context(Arguments& arguments) {
  Context context;
  Values values(arguments, context);
  for (const Argument* argument : arguments.context()) values.add(*argument);
  if (is_asked(arguments) && is_tls(arguments)) {
    const ClientHello hello = read_client_hello(arguments);
    context.ja3 = ja3_of(hello);
    context.ja4 = ja4_of(hello);
  }
  return context;
}

}  // namespace spoa::extract
