// The questions of a run, and in which order they are asked.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "mix.h"
#include "question.h"
#include "spoa/result.h"
#include "tally.h"

namespace spoa::bench {

struct Picked {
  const Question* question;  ///< the stock's
  std::size_t kind;          ///< RequestKind, or kFileKind
};

class Stock {
 public:
  /// The mix, or the requests of the files in its place.
  /// Error: what is wrong with a file, with its name.
  static Result<Stock, std::string> of(const BenchSettings& settings);

  Picked next();
  /// The length field of the longest NOTIFY, with an id of so many bytes.
  [[nodiscard]] std::size_t most_bytes(std::size_t id_bytes) const;

 private:
  explicit Stock(const MixWeights& weights) : rotation_(weights) {}

  Rotation rotation_;
  std::array<std::vector<Question>, kKinds> questions_;
  std::array<std::size_t, kKinds> asked_{};
};

}  // namespace spoa::bench
