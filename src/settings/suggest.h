// Finds the word somebody probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace spoa::settings {

/// The known word nearest to `word` by edits (a swap of neighbours counts as one), or ""
/// when none is near enough to be a slip of the pen.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// The words, comma-separated; of very many only the first.
std::string listed(std::span<const std::string_view> words);

/// "did you mean `queue`?", or `otherwise` and every known word.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view otherwise);

}  // namespace spoa::settings
