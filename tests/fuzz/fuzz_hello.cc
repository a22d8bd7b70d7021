// Input: the payload of a HELLO, and of a DISCONNECT. Whatever HELLO is accepted, our
// answer keeps the limits HAProxy checks.
#include "decode/disconnect.h"
#include "decode/hello.h"
#include "fuzz.h"
#include "reply/hello.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint32_t kOwnLimit = 1024 * 1024;
  const auto payload = fuzz::exact_copy({data, size});
  const spoa::Frame disconnect{
      spoa::FrameType::kHaproxyDisconnect, spoa::kFlagFin, {}, payload};
  const auto said = spoa::decode::read_disconnect(disconnect);
  fuzz::require(!said || fuzz::within(spoa::as_bytes(said->message), payload),
                "a message stays in its payload");

  const auto hello = spoa::decode::read_hello(
      {spoa::FrameType::kHaproxyHello, spoa::kFlagFin, {}, payload});
  if (!hello) return 0;
  fuzz::require(said.has_value(), "what is a list for HELLO is one for DISCONNECT");
  fuzz::require(fuzz::within(spoa::as_bytes(hello->engine_id), payload),
                "an engine-id stays in its payload");
  spoa::reply::Buffer out;
  const std::uint32_t agreed = spoa::reply::write_agent_hello(*hello, kOwnLimit, out);
  fuzz::require(agreed >= spoa::kSmallestMaxFrameSize, "HAProxy refuses less than 256");
  fuzz::require(agreed <= hello->max_frame_size && agreed <= kOwnLimit,
                "neither side gets more than it allows");
  fuzz::require(out.size() <= spoa::kSmallestMaxFrameSize, "the answer always fits");
  return 0;
}
