// Line breaks within the values of a multipart body.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spoa::inspect {

/// The library puts the lines of a value together without what was between them, so that
/// rules would read `UNION`, line break, `SELECT` as one word. A carriage return it
/// keeps: here is the body with every LF within a value turned into one, as long as
/// before, or nullopt where there is none. Line breaks that belong to the format stay.
///
/// `spare_files`: parts that speak of a filename are left alone, for those who have
/// uploads written to disk.
std::optional<std::string> keep_line_breaks(std::string_view body,
                                            std::string_view boundary, bool spare_files);

}  // namespace spoa::inspect
