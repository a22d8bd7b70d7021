// Input: a rules file. Our reader and its checks survive it, and every complaint has a
// place.
#include "fuzz.h"
#include "seclang/check.h"
#include "seclang/drops.h"
#include "seclang/reader.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = spoa::as_text({data, size});
  // Files of this machine are none of the fuzzer's business.
  if (text.find("nclude") != std::string_view::npos ||
      text.find('/') != std::string_view::npos) {
    return 0;
  }
  const auto document = spoa::seclang::read_text(text, "fuzz.conf");
  const auto report = spoa::seclang::check(document);
  for (const spoa::Problem& problem : report.errors) {
    fuzz::require(!problem.text.empty() && problem.line > 0, "an error has a place");
  }
  (void)spoa::seclang::ids_that_drop(document);
  return 0;
}
