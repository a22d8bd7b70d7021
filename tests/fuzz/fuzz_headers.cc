// Input: a header block. One that parses as binary is exactly what its headers spell, and
// one that parses as text reads the same when spelled as HAProxy would; no view leaves
// the block, in either spelling.
#include "extract/headers.h"

#include <vector>

#include "fuzz.h"
#include "writer.h"

namespace {

using spoa::Header;

void check_views(const std::vector<Header>& headers, spoa::Bytes block) {
  for (const Header& header : headers) {
    fuzz::require(fuzz::within(spoa::as_bytes(header.name), block) &&
                      fuzz::within(spoa::as_bytes(header.value), block),
                  "a header stays in its block");
    fuzz::require(!header.name.empty(), "a header has a name");
  }
}

void check_text(const std::vector<Header>& headers) {
  std::string spelled;
  for (const Header& header : headers) {
    spelled.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  spelled += "\r\n";
  std::vector<Header> again;
  fuzz::require(spoa::extract::read_text_headers(spelled, again) && again == headers,
                "writing and reading is identity");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto block = fuzz::exact_copy({data, size});
  std::vector<Header> binary;
  if (spoa::extract::read_binary_headers(block, binary)) {
    spoa::Buffer spelled;
    for (const Header& header : binary) {
      spoa::write_string(header.name, spelled);
      spoa::write_string(header.value, spelled);
    }
    spoa::write_string("", spelled);
    spoa::write_string("", spelled);
    fuzz::require(spoa::as_text(spelled) == spoa::as_text(block),
                  "nothing is passed over");
  }
  check_views(binary, block);

  std::vector<Header> text;
  if (spoa::extract::read_text_headers(spoa::as_text(block), text)) check_text(text);
  check_views(text, block);
  return 0;
}
