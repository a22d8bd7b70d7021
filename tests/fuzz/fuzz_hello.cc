// Input: the payload of a HELLO, and of a DISCONNECT. Whatever HELLO is accepted, our
// answer keeps the limits HAProxy checks, and another codec than ours reads the same out
// of it; that codec's spelling of the HELLO reads as the HELLO.
#include "client.h"
#include "codec.h"
#include "decode/disconnect.h"
#include "decode/hello.h"
#include "fuzz.h"
#include "reply/disconnect.h"
#include "reply/hello.h"

namespace {

spoa::Frame frame_of(spoa::FrameType type, spoa::Bytes payload) {
  return {type, spoa::kFlagFin, {}, payload};
}

std::optional<spop::Frame> read_by_peer(const spoa::Buffer& out) {
  return spop::decode_frame(spoa::as_text(out).substr(spoa::kLengthBytes));
}

void check_respelled(const spoa::Hello& hello) {
  const std::string payload = spop::encode_pairs(
      {{"engine-id", spop::text(hello.engine_id)},
       {"healthcheck", spop::boolean(hello.healthcheck)},
       {"capabilities", spop::text(hello.pipelining ? "pipelining" : "")},
       {"max-frame-size", spop::integer(hello.max_frame_size, spop::kUint32)},
       {"supported-versions", spop::text("2.0")}});
  const auto again = spoa::decode::read_hello(
      frame_of(spoa::FrameType::kHaproxyHello, spoa::as_bytes(payload)));
  fuzz::require(again && again->engine_id == hello.engine_id &&
                    again->healthcheck == hello.healthcheck &&
                    again->pipelining == hello.pipelining &&
                    again->max_frame_size == hello.max_frame_size,
                "writing and reading is identity");
}

void check_answer(const spoa::Hello& hello) {
  constexpr std::uint32_t kOwnLimit = 1024 * 1024;
  spoa::Buffer out;
  const std::uint32_t agreed = spoa::reply::write_agent_hello(hello, kOwnLimit, out);
  fuzz::require(agreed >= spoa::kSmallestMaxFrameSize, "HAProxy refuses less than 256");
  fuzz::require(agreed <= hello.max_frame_size && agreed <= kOwnLimit,
                "neither side gets more than it allows");
  fuzz::require(out.size() <= spoa::kSmallestMaxFrameSize, "the answer always fits");
  const auto frame = read_by_peer(out);
  fuzz::require(frame.has_value(), "the answer is a frame");
  const auto answer = spop::parse_agent_hello(*frame);
  fuzz::require(answer && answer->max_frame_size == agreed && answer->version == "2.0",
                "the peer reads what we mean");
}

void check_goodbye(std::string_view message) {
  spoa::Buffer out;
  spoa::reply::write_agent_disconnect(spoa::DisconnectCode::kNormal, message, out);
  fuzz::require(out.size() < spoa::kSmallestMaxFrameSize, "a DISCONNECT always fits");
  const auto frame = read_by_peer(out);
  fuzz::require(frame && spop::parse_agent_disconnect(*frame),
                "the peer reads our DISCONNECT");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = fuzz::exact_copy({data, size});
  const auto said = spoa::decode::read_disconnect(
      frame_of(spoa::FrameType::kHaproxyDisconnect, payload));
  fuzz::require(!said || fuzz::within(spoa::as_bytes(said->message), payload),
                "a message stays in its payload");
  if (said) check_goodbye(said->message);

  const auto hello =
      spoa::decode::read_hello(frame_of(spoa::FrameType::kHaproxyHello, payload));
  if (!hello) return 0;
  fuzz::require(said.has_value(), "what is a list for HELLO is one for DISCONNECT");
  fuzz::require(fuzz::within(spoa::as_bytes(hello->engine_id), payload),
                "an engine-id stays in its payload");
  check_respelled(*hello);
  check_answer(*hello);
  return 0;
}
