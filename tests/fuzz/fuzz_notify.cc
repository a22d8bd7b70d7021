// Input: the payload of a NOTIFY. Reading it twice gives the same, and so does reading
// what we write of it; no view leaves it; an error leaves no argument behind.
#include "decode/notify.h"

#include <algorithm>

#include "fuzz.h"
#include "values.h"
#include "writer.h"

namespace {

using spoa::Argument;
using spoa::Bytes;

void check_views(const Argument& argument, Bytes payload) {
  fuzz::require(fuzz::within(spoa::as_bytes(argument.message), payload) &&
                    fuzz::within(spoa::as_bytes(argument.name), payload),
                "a name stays in the payload");
  fuzz::require(fuzz::within(fuzz::viewed(argument.value), payload),
                "a value stays in the payload");
}

bool same(const Argument& a, const Argument& b) {
  return a.message_index == b.message_index && a.position == b.position &&
         a.message == b.message && a.name == b.name && fuzz::same(a.value, b.value);
}

bool same(const std::vector<Argument>& a, const std::vector<Argument>& b) {
  return std::ranges::equal(
      a, b, [](const Argument& one, const Argument& other) { return same(one, other); });
}

/// The messages spelled anew. Those without arguments left no trace but a gap in the
/// numbers: here they have no name.
spoa::Buffer spell(const std::vector<Argument>& arguments) {
  spoa::Buffer out;
  std::uint32_t message = 0;
  for (auto at = arguments.begin(); at != arguments.end(); ++message) {
    const auto end = std::find_if(at, arguments.end(), [&](const Argument& argument) {
      return argument.message_index != message;
    });
    spoa::write_string(at == end ? std::string_view() : at->message, out);
    out.push_back(static_cast<std::uint8_t>(end - at));
    for (; at != end; ++at) {
      spoa::write_string(at->name, out);
      spoa::write_value(at->value, out);
    }
  }
  return out;
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
  fuzz::require(same(first, second), "the same bytes, the same arguments");
  if (!read) {
    fuzz::require(first.empty(), "an error leaves nothing behind");
    fuzz::require(read.error() == again.error(), "the same bytes, the same error");
    return 0;
  }
  for (const Argument& argument : first) check_views(argument, payload);
  const auto spelled = spell(first);
  fuzz::require(spoa::decode::read_notify(spelled, second).has_value(),
                "what we write we can read");
  fuzz::require(same(first, second), "writing and reading is identity");
  second.clear();
  first.clear();
  return 0;
}
