#include "suggest.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace spoa::settings {
namespace {

/// Longer words are no slip of any setting's name, and the cost grows with the length.
constexpr std::size_t kLongest = 64;

std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cells((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return cells[i * width + j];
  };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      at(i, j) =
          std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > kLongest) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t edits = distance(word, candidate);
    // As many edits as letters would turn anything into anything.
    if (edits < least && edits < candidate.size() && edits < word.size()) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

std::string listed(std::span<const std::string_view> words) {
  constexpr std::size_t kMostWords = 20;
  const auto first = words.first(std::min(words.size(), kMostWords));
  return fmt::format("{}{}", fmt::join(first, ", "),
                     first.size() < words.size() ? ", ..." : "");
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view otherwise) {
  const std::string_view guess = nearest(word, known);
  if (!guess.empty()) return fmt::format("did you mean `{}`?", guess);
  return fmt::format("{}: {}", otherwise, listed(known));
}

}  // namespace spoa::settings
