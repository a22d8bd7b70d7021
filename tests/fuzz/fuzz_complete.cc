// Input: a byte that chooses a format, then a body. What completes it keeps all but a
// short tail, and what was completed is whole. Every beginning of a JSON text parses when
// it is.
#include "inspect/complete.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "inspect/multipart_lines.h"

namespace {

using spoa::inspect::Completion;
using Completed = std::optional<Completion>;

constexpr std::size_t kDepth = 128;

Completed complete(std::uint8_t format, std::string_view text) {
  switch (format % 4) {
    case 0:
      return spoa::inspect::complete_json(text, kDepth);
    case 1:
      return spoa::inspect::complete_xml(text);
    case 2:
      return spoa::inspect::complete_multipart(text, "b");
    default:
      return spoa::inspect::complete_form(text);
  }
}

std::string made_of(std::string_view text, const Completion& completion) {
  fuzz::require(completion.kept <= text.size(), "no more is kept than came");
  return std::string(text.substr(0, completion.kept)) + completion.ending;
}

void check_whole(std::uint8_t format, std::string_view text) {
  const Completed completion = complete(format, text);
  if (!completion) return;
  const std::string made = made_of(text, *completion);
  if (format % 4 == 3) {  // of a form, one character is left out, be there another or not
    fuzz::require(text.size() - made.size() <= 12, "a short tail");
    return;
  }
  const Completed again = complete(format, made);
  fuzz::require(again && *again == Completion{made.size(), {}},
                "what was completed is whole");
}

/// The parser of the test is stricter than the library's, but that it takes NUL for an
/// end and passes over a byte order mark.
void check_json(std::string_view text) {
  if (text.size() > 512 || text.find('\0') != text.npos) return;
  if (text.starts_with("\xef\xbb\xbf")) return;
  if (!nlohmann::json::accept(text)) return;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view cut = text.substr(0, length);
    const Completed completion = complete(0, cut);
    if (!completion) {
      const auto open = std::count_if(cut.begin(), cut.end(),
                                      [](char c) { return c == '[' || c == '{'; });
      fuzz::require(static_cast<std::size_t>(open) > kDepth,
                    "the beginning of a text can be completed");
      continue;
    }
    fuzz::require(nlohmann::json::accept(made_of(cut, *completion)),
                  "what was completed parses");
  }
}

void check_lines(std::string_view text) {
  const auto changed = spoa::inspect::keep_line_breaks(text, "b", false);
  if (!changed) return;
  fuzz::require(changed->size() == text.size(), "as long as before");
  for (std::size_t i = 0; i < text.size(); ++i) {
    fuzz::require((*changed)[i] == text[i] || (text[i] == '\n' && (*changed)[i] == '\r'),
                  "only line breaks change");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto body = fuzz::exact_copy({data + 1, size - 1});
  const std::string_view text = spoa::as_text(body);
  check_whole(data[0], text);
  if (data[0] % 4 == 0) check_json(text);
  if (data[0] % 4 == 2) check_lines(text);
  (void)spoa::inspect::multipart_boundary("multipart/form-data" + std::string(text));
  return 0;
}
