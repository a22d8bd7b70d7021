// Input: typed data, one value after another. What is read, written again and read again
// is the same; a failed read consumes nothing; no view leaves the input.
#include <algorithm>
#include <variant>

#include "decode/value.h"
#include "fuzz.h"
#include "reply/writer.h"

namespace {

using spoa::Bytes;
using spoa::Value;

bool same(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* bytes = std::get_if<Bytes>(&a)) {
    return std::ranges::equal(*bytes, std::get<Bytes>(b));
  }
  return std::visit(
      [&b](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, Bytes>) {
          return true;
        } else {
          return held == std::get<Held>(b);
        }
      },
      a);
}

Bytes viewed(const Value& value) {
  if (const auto* bytes = std::get_if<Bytes>(&value)) return *bytes;
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return spoa::as_bytes(*text);
  }
  return {};
}

void check_round_trip(const Value& value) {
  spoa::reply::Buffer out;
  spoa::reply::write_value(value, out);
  Bytes again{out};
  const auto read = spoa::decode::read_value(again);
  fuzz::require(read.has_value(), "what we write we can read");
  fuzz::require(again.empty(), "what we write has no tail");
  fuzz::require(same(value, *read), "writing and reading is identity");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::exact_copy({data, size});
  Bytes in{input};
  while (!in.empty()) {
    const Bytes before = in;
    const auto value = spoa::decode::read_value(in);
    if (!value) {
      fuzz::require(in.data() == before.data() && in.size() == before.size(),
                    "a failed read consumes nothing");
      return 0;
    }
    fuzz::require(in.size() < before.size(), "a value takes a byte at least");
    fuzz::require(fuzz::within(viewed(*value), before), "a view stays in the input");
    check_round_trip(*value);
  }
  return 0;
}
