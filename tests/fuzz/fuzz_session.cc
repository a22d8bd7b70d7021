// Input: what a peer sends after its HELLO, in slices. The session survives it, and every
// NOTIFY that came whole before the connection broke has exactly one ACK.
//
// There is no worker, and no place in the queue: requests are answered `overload` at
// once, which is the path of every answer but for the thread that finds it.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include <event2/event.h>

#include "codec.h"
#include "decode/reader.h"
#include "fuzz.h"
#include "serve/dispatcher.h"
#include "serve/session.h"

namespace {

using spoa::Bytes;
using spoa::FrameType;

std::string hello() {
  return spop::encode_frame(
      {spop::kHaproxyHello, 1, 0, 0,
       spop::encode_pairs({{"supported-versions", spop::text("2.0")},
                           {"max-frame-size", spop::integer(16380)},
                           {"capabilities", spop::text("pipelining")}})});
}

/// The daemon around one session.
struct World {
  World() {
    settings.workers = 0;
    settings.queue = 0;
    auto generation = std::make_shared<spoa::serve::Generation>();
    generation->number = 1;
    generation->applications.push_back({"default", {}, nullptr});
    dispatcher = std::make_unique<spoa::serve::Dispatcher>(
        spoa::serve::Dispatcher::Parts{
            loop, metrics, *events,
            [this](spoa::serve::SessionId, const spoa::reply::Answer& answer) {
              session->answer(answer);
            }},
        settings);
    dispatcher->use(std::move(generation));
  }

  spoa::Settings settings;
  spoa::accept::Loop loop;
  spoa::Metrics metrics{{"fuzz", "none"}};
  std::unique_ptr<spoa::report::EventWriter> events =
      std::move(*spoa::report::EventWriter::open("none"));
  std::unique_ptr<spoa::serve::Dispatcher> dispatcher;
  std::vector<spoa::Argument> arguments;
  spoa::accept::Memory memory{1024 * 1024, 0};
  std::unique_ptr<spoa::serve::Session> session;
};

/// ACKs among what the agent sent.
std::size_t count_acks(Bytes stream) {
  std::size_t acks = 0;
  while (stream.size() >= spoa::kLengthBytes) {
    const auto size = spoa::decode::frame_bytes(stream, 0xffffffff);
    fuzz::require(size && *size <= stream.size(), "the agent sends whole frames");
    const auto type = static_cast<FrameType>(stream[spoa::kLengthBytes]);
    acks += type == FrameType::kAck ? 1U : 0U;
    stream = stream.subspan(*size);
  }
  fuzz::require(stream.empty(), "the agent sends whole frames");
  return acks;
}

/// How many ACKs the stream must and may get.
struct Bounds {
  std::size_t least = 0;  ///< NOTIFYs in one piece before anything that could end it
  std::size_t most = 0;   ///< NOTIFYs in one piece, and last fragments
};

Bounds bounds_of(Bytes stream) {
  Bounds bounds;
  bool sound = true;
  while (stream.size() >= spoa::kLengthBytes) {
    const auto size = spoa::decode::frame_bytes(stream, 16380);
    if (!size || *size > stream.size()) break;
    const auto frame = spoa::decode::read_frame(stream.first(*size));
    if (!frame) break;
    const bool whole = frame->type == FrameType::kNotify && frame->fin();
    const bool last = frame->type == FrameType::kUnset && frame->fin();
    const bool other = !whole && (frame->type <= FrameType::kNotify);
    sound = sound && !other;
    bounds.least += whole && sound ? 1U : 0U;
    bounds.most += whole || last ? 1U : 0U;
    stream = stream.subspan(*size);
  }
  return bounds;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size == 0 || size > 4096) return 0;
  const std::size_t slice = 1 + data[0];
  const Bytes stream(data + 1, size - 1);

  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) return 0;
  world.session = std::make_unique<spoa::serve::Session>(
      spoa::serve::Session::Parts{world.loop, world.metrics, *world.dispatcher,
                                  world.settings, world.arguments, world.memory,
                                  [](spoa::serve::SessionId) {}},
      1, spoa::accept::Accepted{fds[0], "fuzz", {}, nullptr});

  std::vector<std::uint8_t> received;
  const auto turn = [&] {
    event_base_loop(world.loop.base(), EVLOOP_NONBLOCK);
    std::uint8_t buffer[65536];
    for (ssize_t n = 0; (n = ::read(fds[1], buffer, sizeof buffer)) > 0;) {
      received.insert(received.end(), buffer, buffer + n);
    }
  };
  const auto send = [&](Bytes bytes) {
    [[maybe_unused]] const ssize_t n =
        ::send(fds[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
    turn();
  };
  static const std::string greeting = hello();
  send(spoa::as_bytes(greeting));
  for (std::size_t at = 0; at < stream.size(); at += slice) {
    send(stream.subspan(at, std::min(slice, stream.size() - at)));
  }
  turn();
  turn();

  const std::size_t acks = count_acks(received);
  const Bounds bounds = bounds_of(stream);
  fuzz::require(acks >= bounds.least, "no answer is lost");
  fuzz::require(acks <= bounds.most, "no answer is invented");
  world.session.reset();
  fuzz::require(world.memory.held_bytes == 0, "a session that is over holds nothing");
  ::close(fds[1]);
  return 0;
}
