// Input: the payload of a NOTIFY. Reading it twice gives the same; no view leaves it;
// an error leaves no argument behind.
#include "decode/notify.h"
#include "fuzz.h"

namespace {

using spoa::Argument;
using spoa::Bytes;

void check_views(const Argument& argument, Bytes payload) {
  fuzz::require(fuzz::within(spoa::as_bytes(argument.message), payload) &&
                    fuzz::within(spoa::as_bytes(argument.name), payload),
                "a name stays in the payload");
  if (const auto* text = std::get_if<std::string_view>(&argument.value)) {
    fuzz::require(fuzz::within(spoa::as_bytes(*text), payload), "a string stays in it");
  }
  if (const auto* bytes = std::get_if<Bytes>(&argument.value)) {
    fuzz::require(fuzz::within(*bytes, payload), "a binary stays in it");
  }
}

bool same(const Argument& a, const Argument& b) {
  return a.message_index == b.message_index && a.position == b.position &&
         a.message == b.message && a.name == b.name && a.value.index() == b.value.index();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = fuzz::exact_copy({data, size});
  static std::vector<Argument> first;  // as a connection keeps it, from one to the next
  const auto read = spoa::decode::read_notify(payload, first);
  std::vector<Argument> second;
  const auto again = spoa::decode::read_notify(payload, second);
  fuzz::require(read.has_value() == again.has_value(),
                "the same bytes, the same outcome");
  fuzz::require(first.size() == second.size(), "the same bytes, the same arguments");
  if (!read) {
    fuzz::require(first.empty(), "an error leaves nothing behind");
    fuzz::require(read.error() == again.error(), "the same bytes, the same error");
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    fuzz::require(same(first[i], second[i]), "the same bytes, the same argument");
    check_views(first[i], payload);
  }
  first.clear();
  return 0;
}
