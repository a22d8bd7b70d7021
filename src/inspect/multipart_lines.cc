#include "multipart_lines.h"

#include <cstddef>

namespace spoa::inspect {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// A boundary, or what the library complains about because it resembles one.
bool resembles_boundary(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--")) return false;
  const std::size_t begin = line.find_first_not_of("\" \t\v\f\r", 2);
  return begin != kNone && line.substr(begin).starts_with(boundary);
}

}  // namespace

std::optional<std::string> keep_line_breaks(std::string_view body,
                                            std::string_view boundary, bool spare_files) {
  enum class Place { kBefore, kHeader, kData };
  std::optional<std::string> changed;
  Place place = Place::kBefore;
  bool spared = false;
  for (std::size_t begin = 0, end; (end = body.find('\n', begin)) != kNone;
       begin = end + 1) {
    const std::string_view line = body.substr(begin, end + 1 - begin);
    if (place != Place::kHeader && resembles_boundary(line, boundary)) {
      place = Place::kHeader;
      spared = false;
    } else if (place == Place::kHeader) {
      if (line == "\r\n" || line == "\n") place = Place::kData;
      spared = spared || (spare_files && line.find("filename") != kNone);
    } else if (place == Place::kData && !spared &&
               !resembles_boundary(body.substr(end + 1), boundary)) {
      if (!changed) changed.emplace(body);
      (*changed)[end] = '\r';
    }
  }
  return changed;
}

}  // namespace spoa::inspect
