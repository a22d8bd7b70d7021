// JA3 and JA4: names for how a client opens TLS, from HAProxy's samples of its hello.
//
// JA3 is the MD5 of five fields of the hello; JA4 counts, sorts and hashes (SHA-256) more
// of them. docs/decisions/0007-fingerprints-never-guessed.md says what cannot be known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spoa/bytes.h"
#include "spoa/context.h"

namespace spoa::extract {

/// One sample, or why there is none.
template <typename T>
struct Sample {
  T value{};
  FingerprintGap gap = FingerprintGap::kNotSent;
  [[nodiscard]] bool known() const noexcept { return gap == FingerprintGap::kNone; }
};

/// A client hello as far as HAProxy tells it (its capture, in the order it captures).
/// Lists are of 16-bit numbers in network order, `ec_formats` of bytes; with or without
/// GREASE. Views.
struct ClientHello {
  Sample<std::int64_t> version;  ///< the field of the hello: 771 even for TLS 1.3
  Sample<Bytes> ciphers;
  Sample<Bytes> extensions;
  Sample<Bytes> groups;
  Sample<Bytes> ec_formats;
  Sample<Bytes> supported_versions;
  Sample<Bytes> signature_algorithms;
  Sample<std::string_view> alpn_offered;  ///< `h2,http/1.1`, in the client's order
  // They do not enter a fingerprint, but tell when a list was cut.
  Sample<std::string_view> alpn;       ///< negotiated
  Sample<std::string_view> sni;        ///< the name itself
  Sample<std::string_view> protocol;   ///< negotiated, as `TLSv1.3`
  Sample<std::int64_t> capture_bytes;  ///< tune.ssl.capture-buffer-size
};

/// Either the fingerprint, or the gap that is in its way: never a guess. Any thread.
Fingerprint ja3_of(const ClientHello& hello);
Fingerprint ja4_of(const ClientHello& hello);

/// Two lower-case digits for each byte.
std::string hex(Bytes bytes);

}  // namespace spoa::extract
