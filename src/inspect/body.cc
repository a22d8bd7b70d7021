#include "body.h"

#include <strings.h>

#include <algorithm>

#include "decompress.h"

namespace spoa::inspect {

Body prepare_body(Bytes sent, std::string_view content_encoding,
                  const BodyLimits& limits) {
  Body body;
  body.bytes = sent;
  if (!sent.empty() && is_coded(content_encoding)) {
    Decoded decoded = decompress(sent, content_encoding, limits);
    body.coding = decoded.coding;
    body.fault = decoded.fault;
    body.undecoded = decoded.bytes.empty() && decoded.fault != BodyFault::kNone;
    if (!body.undecoded) {
      body.owned = std::move(decoded.bytes);
      body.bytes = body.owned;
    }
  }
  if (body.bytes.size() > limits.bytes) {
    body.bytes = body.bytes.first(limits.bytes);
    if (body.fault == BodyFault::kNone) body.fault = BodyFault::kLimit;
  }
  return body;
}

std::string joined_values(const std::vector<Header>& headers, std::string_view name) {
  std::string joined;
  for (const Header& header : headers) {
    if (header.name.size() != name.size() ||
        strncasecmp(header.name.data(), name.data(), name.size()) != 0) {
      continue;
    }
    if (!joined.empty()) joined.push_back(',');
    joined.append(header.value);
  }
  return joined;
}

}  // namespace spoa::inspect
