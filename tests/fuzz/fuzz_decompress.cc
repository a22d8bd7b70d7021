// Input: a byte that chooses codings and limits, then a body. No more comes out than is
// allowed, and what is not coded comes out as it is.
#include "inspect/body.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kCodings[] = {"gzip",           "deflate", "deflate, gzip",
                                           "gzip,gzip,gzip", "br",      "identity"};
  if (size == 0) return 0;
  const spoa::BodyLimits limits{(data[0] & 0x80U) != 0 ? std::size_t{1} << 20U : 1024,
                                (data[0] & 0x40U) != 0 ? 1000U : 5U};
  const std::string_view coding = kCodings[(data[0] & 0x3fU) % std::size(kCodings)];
  const auto sent = fuzz::exact_copy({data + 1, size - 1});
  const spoa::inspect::Body body = spoa::inspect::prepare_body(sent, coding, limits);
  fuzz::require(body.bytes.size() <= limits.bytes, "no more than the limit");
  if (body.owned.empty()) {
    fuzz::require(fuzz::within(body.bytes, sent), "as it came");
    fuzz::require(
        body.whole() || body.undecoded || sent.size() > limits.bytes || sent.empty(),
        "nothing else makes it less than whole");
  } else {
    fuzz::require(body.owned.size() <= sent.size() * limits.ratio,
                  "nor more than the ratio");
  }
  return 0;
}
