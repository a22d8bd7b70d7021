#include "fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace spoa::extract {
namespace {

using Numbers = std::vector<std::uint16_t>;

// IANA's numbers of TLS extensions.
constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kSupportedGroups = 10;
constexpr std::uint16_t kEcPointFormats = 11;
constexpr std::uint16_t kSignatureAlgorithms = 13;
constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kQuicTransportParameters = 57;

/// RFC 8701: values without a meaning, which a client sprinkles in at random.
bool is_grease(std::uint16_t number) {
  return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

Numbers without_grease(Bytes list) {
  Numbers numbers;
  for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
    const auto number = static_cast<std::uint16_t>(list[i] << 8 | list[i + 1]);
    if (!is_grease(number)) numbers.push_back(number);
  }
  return numbers;
}

bool lists(const Numbers& numbers, std::uint16_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

std::optional<std::string> digest(const EVP_MD* kind, std::string_view text) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, kind, nullptr) != 1) {
    return std::nullopt;
  }
  return hex(Bytes(bytes.data(), size));
}

// --- Was all of it captured? ---------------------------------------------------------

FingerprintGap first_gap(std::initializer_list<FingerprintGap> gaps) {
  for (const FingerprintGap gap : gaps) {
    if (gap != FingerprintGap::kNone) return gap;
  }
  return FingerprintGap::kNone;
}

/// An extension and its contents are both there, or neither. Unknown contents agree.
bool agrees(const Numbers& extensions, std::uint16_t extension, Bytes contents) {
  return lists(extensions, extension) == !contents.empty();
}

/// The name that was found means that its extension was there. Not the other way round:
/// HAProxy may have chosen no protocol.
bool implies(const Sample<std::string_view>& found, const Numbers& extensions,
             std::uint16_t extension) {
  return !found.known() || found.value.empty() || lists(extensions, extension);
}

/// HAProxy copies one list behind the other into one buffer, and cuts what does not fit
/// without a word. A buffer that is full (or but for one byte: half of an extension's
/// number) may have been too small.
bool fills_the_buffer(const ClientHello& hello) {
  if (!hello.capture_bytes.known() || hello.capture_bytes.value <= 0) return false;
  std::size_t used = 1;
  for (const auto* list :
       {&hello.ciphers, &hello.extensions, &hello.groups, &hello.ec_formats,
        &hello.supported_versions, &hello.signature_algorithms}) {
    used += list->value.size();
  }
  return used >= static_cast<std::size_t>(hello.capture_bytes.value);
}

bool looks_cut(const ClientHello& hello, const Numbers& extensions) {
  for (const auto* list : {&hello.ciphers, &hello.extensions, &hello.groups,
                           &hello.supported_versions, &hello.signature_algorithms}) {
    if (list->value.size() % 2 != 0) return true;
  }
  const auto disagrees = [&](const Sample<Bytes>& list, std::uint16_t extension) {
    return list.known() && !agrees(extensions, extension, list.value);
  };
  return hello.ciphers.value.empty() || disagrees(hello.groups, kSupportedGroups) ||
         disagrees(hello.ec_formats, kEcPointFormats) ||
         disagrees(hello.supported_versions, kSupportedVersions) ||
         disagrees(hello.signature_algorithms, kSignatureAlgorithms) ||
         !implies(hello.sni, extensions, kServerName) ||
         !implies(hello.alpn, extensions, kAlpn) ||
         !implies(hello.alpn_offered, extensions, kAlpn) ||
         (hello.protocol.known() && hello.protocol.value == "TLSv1.3" &&
          !lists(extensions, kSupportedVersions)) ||
         fills_the_buffer(hello);
}

Fingerprint missing(FingerprintGap gap) { return {{}, gap}; }

// --- JA4 -----------------------------------------------------------------------------

std::string_view version_label(std::uint64_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    default:
      return "00";
  }
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// First and last character of the first protocol; of its hex when one is not
/// alphanumeric.
std::string alpn_label(std::string_view offered) {
  std::string first(offered.substr(0, offered.find(',')));
  if (first.empty()) return "00";
  if (!is_alphanumeric(first.front()) || !is_alphanumeric(first.back())) {
    first = hex(as_bytes(first));
  }
  return {first.front(), first.back()};
}

std::string joined(const Numbers& numbers) {
  std::string text;
  for (const std::uint16_t number : numbers) {
    if (!text.empty()) text += ',';
    fmt::format_to(std::back_inserter(text), "{:04x}", number);
  }
  return text;
}

/// Twelve digits of the hash; zeros for a list of nothing.
std::optional<std::string> short_hash(std::string_view text, bool empty) {
  constexpr std::size_t kDigits = 12;
  if (empty) return std::string(kDigits, '0');
  auto whole = digest(EVP_sha256(), text);
  if (whole) whole->resize(kDigits);
  return whole;
}

FingerprintGap ja4_gap(const ClientHello& hello, const Numbers& extensions) {
  constexpr auto kNone = FingerprintGap::kNone;
  const auto if_listed = [&](std::uint16_t extension, FingerprintGap gap) {
    return lists(extensions, extension) ? gap : kNone;
  };
  const FingerprintGap gap =
      first_gap({if_listed(kSupportedVersions, hello.supported_versions.gap),
                 lists(extensions, kSupportedVersions) ? kNone : hello.version.gap,
                 if_listed(kSignatureAlgorithms, hello.signature_algorithms.gap),
                 looks_cut(hello, extensions) ? FingerprintGap::kIncomplete : kNone});
  if (gap != kNone) return gap;
  if (hello.alpn_offered.gap == FingerprintGap::kWrongType) return hello.alpn_offered.gap;
  // The negotiated one is HAProxy's choice among those offered, not the first of them.
  const bool offered = hello.alpn_offered.known() && !hello.alpn_offered.value.empty();
  return offered ? kNone : if_listed(kAlpn, FingerprintGap::kAlpnUnknown);
}

std::string ja4_counts(const ClientHello& hello, const Numbers& ciphers,
                       const Numbers& extensions) {
  std::uint64_t version = static_cast<std::uint64_t>(hello.version.value);
  if (lists(extensions, kSupportedVersions)) {
    const Numbers versions = without_grease(hello.supported_versions.value);
    version = versions.empty() ? 0 : *std::max_element(versions.begin(), versions.end());
  }
  constexpr std::size_t kMost = 99;
  return fmt::format(
      "{}{}{}{:02}{:02}{}", lists(extensions, kQuicTransportParameters) ? 'q' : 't',
      version_label(version), lists(extensions, kServerName) ? 'd' : 'i',
      std::min(ciphers.size(), kMost), std::min(extensions.size(), kMost),
      lists(extensions, kAlpn) ? alpn_label(hello.alpn_offered.value) : "00");
}

}  // namespace

std::string hex(Bytes bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

Fingerprint ja3_of(const ClientHello& hello) {
  const FingerprintGap gap =
      first_gap({hello.version.gap, hello.ciphers.gap, hello.extensions.gap,
                 hello.groups.gap, hello.ec_formats.gap});
  if (gap != FingerprintGap::kNone) return missing(gap);
  const Numbers extensions = without_grease(hello.extensions.value);
  if (looks_cut(hello, extensions)) return missing(FingerprintGap::kIncomplete);
  auto whole =
      digest(EVP_md5(), fmt::format("{},{},{},{},{}", hello.version.value,
                                    fmt::join(without_grease(hello.ciphers.value), "-"),
                                    fmt::join(extensions, "-"),
                                    fmt::join(without_grease(hello.groups.value), "-"),
                                    fmt::join(hello.ec_formats.value, "-")));
  if (!whole) return missing(FingerprintGap::kNoDigest);
  return {std::move(*whole), FingerprintGap::kNone};
}

Fingerprint ja4_of(const ClientHello& hello) {
  FingerprintGap gap = first_gap({hello.ciphers.gap, hello.extensions.gap});
  if (gap != FingerprintGap::kNone) return missing(gap);
  Numbers ciphers = without_grease(hello.ciphers.value);
  Numbers extensions = without_grease(hello.extensions.value);
  gap = ja4_gap(hello, extensions);
  if (gap != FingerprintGap::kNone) return missing(gap);

  const std::string counts = ja4_counts(hello, ciphers, extensions);
  std::sort(ciphers.begin(), ciphers.end());
  std::sort(extensions.begin(), extensions.end());
  std::erase_if(extensions, [](std::uint16_t extension) {
    return extension == kServerName || extension == kAlpn;
  });
  std::string rest = joined(extensions);
  const Numbers algorithms = without_grease(hello.signature_algorithms.value);
  if (!algorithms.empty()) rest.append(1, '_').append(joined(algorithms));
  const auto second = short_hash(joined(ciphers), ciphers.empty());
  const auto third = short_hash(rest, extensions.empty());
  if (!second || !third) return missing(FingerprintGap::kNoDigest);
  return {fmt::format("{}_{}_{}", counts, *second, *third), FingerprintGap::kNone};
}

}  // namespace spoa::extract
