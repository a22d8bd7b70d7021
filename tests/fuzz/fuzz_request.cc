// Input: the payload of a NOTIFY, up to the request. Whatever it says, the request has an
// id fit for a log, an URI without a NUL, and views that stay in its payload.
#include "extract/request_builder.h"

#include <algorithm>
#include <vector>

#include "decode/notify.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> payload(data, data + size);
  static std::vector<spoa::Argument> arguments;  // as a connection keeps it
  if (!spoa::decode::read_notify(payload, arguments)) return 0;
  const spoa::Request request =
      spoa::extract::build_request(std::move(payload), arguments, 16380);
  arguments.clear();

  fuzz::require(!request.id.empty() && request.id.size() <= 128, "an id has a length");
  fuzz::require(std::all_of(request.id.begin(), request.id.end(),
                            [](char c) { return (c < 0 || c >= ' ') && c != '\x7f'; }),
                "an id stays on its line");
  fuzz::require(request.uri.find('\0') == std::string::npos, "a NUL would hide the rest");
  fuzz::require(request.response_status || !request.method.empty() ||
                    request.fault != spoa::RequestFault::kNone,
                "without a method it is no request");
  for (const auto view : {request.method, request.version, request.app}) {
    fuzz::require(fuzz::within(spoa::as_bytes(view), request.payload),
                  "a view stays inside");
  }
  fuzz::require(fuzz::within(request.body, request.payload), "the body stays inside");
  fuzz::require(request.context.values.size() <= spoa::kMaxContextValues,
                "the rules get so many");
  for (const spoa::ContextValue& value : request.context.values) {
    fuzz::require(fuzz::within(spoa::as_bytes(value.name), request.payload),
                  "a name stays inside");
    fuzz::require(!value.name.empty() &&
                      value.name.size() <= spoa::kMaxContextNameBytes &&
                      value.text.size() <= spoa::kMaxContextTextBytes,
                  "the rules get no more than this");
  }
  for (const spoa::Fingerprint* print : {&request.context.ja3, &request.context.ja4}) {
    fuzz::require(print->text.empty() || print->gap == spoa::FingerprintGap::kNone,
                  "a fingerprint has no gap");
  }
  return 0;
}
