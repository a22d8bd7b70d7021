// The built-in mix: requests as the clients of a shop send them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "spoa/bench_settings.h"

namespace spoa::bench {

/// Each kind has so many requests that differ in their words and numbers.
inline constexpr unsigned kVariants = 24;

/// One request as text, CRLF and all. The same arguments give the same request.
///
///   kGet     a page, with the headers of a browser
///   kQuery   the same with five parameters
///   kForm    an address, urlencoded, about 500 bytes
///   kJson    an order, about 1.9 kB, 47 values
///   kAttack  SQL, a script, or a file of the system in a parameter
std::string built_in_request(RequestKind kind, unsigned variant);

/// Spreads the kinds evenly by their weights: after as many requests as the sum of the
/// weights each has come as often as its weight says.
class Rotation {
 public:
  /// weights  not all of them 0.
  explicit Rotation(const MixWeights& weights);
  RequestKind next() noexcept;

 private:
  MixWeights weights_;
  std::int64_t sum_ = 0;
  std::array<std::int64_t, kRequestKinds> credit_{};
};

}  // namespace spoa::bench
