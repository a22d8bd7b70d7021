// Input: typed data, one value after another; its front also as a varint, a string and a
// pair. What is read, written again and read again is the same; a failed read consumes
// nothing; no view leaves the input.
#include "fuzz.h"
#include "value.h"
#include "values.h"
#include "varint.h"
#include "writer.h"

namespace {

using spoa::Bytes;
using spoa::Value;

/// Reads once. `spell` writes what was read, which has one spelling only.
template <typename Read, typename Spell>
void check_front(Bytes input, Read read, Spell spell) {
  Bytes in = input;
  const auto got = read(in);
  if (!got) {
    fuzz::require(in.data() == input.data() && in.size() == input.size(),
                  "a failed read consumes nothing");
    return;
  }
  fuzz::require(in.size() < input.size(), "whatever is read takes a byte at least");
  fuzz::require(fuzz::within(in, input), "the rest is the input's");
  spoa::Buffer out;
  spell(*got, out);
  fuzz::require(std::ranges::equal(out, input.first(input.size() - in.size())),
                "writing what was read gives the bytes that were read");
}

void check_varint_and_strings(Bytes input) {
  check_front(input, spoa::read_varint, spoa::write_varint);
  check_front(input, spoa::read_string, spoa::write_string);
  check_front(input, spoa::read_binary, [](Bytes bytes, spoa::Buffer& out) {
    spoa::write_string(spoa::as_text(bytes), out);
  });
}

void check_pair(Bytes input) {
  Bytes in = input;
  const auto pair = spoa::read_pair(in);
  if (!pair) {
    fuzz::require(in.data() == input.data() && in.size() == input.size(),
                  "a failed read consumes nothing");
    return;
  }
  spoa::Buffer out;
  spoa::write_string(pair->name, out);
  spoa::write_value(pair->value, out);
  Bytes again{out};
  const auto read = spoa::read_pair(again);
  fuzz::require(read && again.empty(), "what we write we can read, to its end");
  fuzz::require(read->name == pair->name && fuzz::same(read->value, pair->value),
                "writing and reading is identity");
}

void check_round_trip(const Value& value) {
  spoa::Buffer out;
  spoa::write_value(value, out);
  Bytes again{out};
  const auto read = spoa::read_value(again);
  fuzz::require(read.has_value(), "what we write we can read");
  fuzz::require(again.empty(), "what we write has no tail");
  fuzz::require(fuzz::same(value, *read), "writing and reading is identity");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::exact_copy({data, size});
  check_varint_and_strings(input);
  check_pair(input);
  Bytes in{input};
  while (!in.empty()) {
    const Bytes before = in;
    const auto value = spoa::read_value(in);
    if (!value) {
      fuzz::require(in.data() == before.data() && in.size() == before.size(),
                    "a failed read consumes nothing");
      return 0;
    }
    fuzz::require(in.size() < before.size(), "a value takes a byte at least");
    fuzz::require(fuzz::within(fuzz::viewed(*value), before),
                  "a view stays in the input");
    check_round_trip(*value);
  }
  return 0;
}
