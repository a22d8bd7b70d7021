// Long values are cut, and say so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spoa::report {

/// The beginning of `text`, at most `limit` bytes. It ends neither inside a UTF-8
/// sequence nor inside what may be a card number, which masking would not know by its
/// first half.
std::string_view beginning(std::string_view text, std::size_t limit) noexcept;

/// What is put after the beginning of a text of that many bytes: `...[cut, 9000 bytes]`.
std::string cut_mark(std::size_t whole_bytes);

/// `text` itself, or its beginning with the mark behind it.
std::string cut(std::string_view text, std::size_t limit);

}  // namespace spoa::report
