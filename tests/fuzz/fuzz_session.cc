// Input: a byte that says in what slices the rest arrives, a byte of circumstances
// (Mode), then what a peer sends. A model of the protocol says what must come back: one
// HELLO, one ACK for every whole NOTIFY, in frames the peer accepts, and one DISCONNECT
// where the connection must end; nothing else, and nothing behind it.
//
// There is no worker: requests are answered `overload`, at once when the queue has no
// place, or one turn of the loop later when their time is up. Those are the paths of
// every answer but for the thread that finds it.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <utility>

#include <event2/event.h>

#include "codec.h"
#include "decode/assembler.h"
#include "decode/hello.h"
#include "decode/reader.h"
#include "fuzz.h"
#include "serve/dispatcher.h"
#include "serve/session.h"

namespace {

using spoa::Bytes;
using spoa::FrameType;

constexpr std::uint32_t kHelloLimit = 16 * 1024;

struct Mode {
  explicit Mode(std::uint8_t bits)
      : raw((bits & 1) != 0),
        late((bits & 2) != 0),
        few_in_flight((bits & 4) != 0),
        small_frames((bits & 8) != 0),
        drains((bits & 16) != 0),
        tight_memory((bits & 32) != 0) {}

  bool raw;            ///< the input begins with the HELLO, or what stands in its place
  bool late;           ///< answers come after a turn of the loop
  bool few_in_flight;  ///< back-pressure from the second unanswered NOTIFY on
  bool small_frames;   ///< the HELLO announces 256 bytes
  bool drains;         ///< the agent stops halfway
  bool tight_memory;   ///< unfinished frames may take 512 bytes
};

std::string hello(std::uint32_t max_frame_size) {
  return spop::encode_frame(
      {spop::kHaproxyHello, 1, 0, 0,
       spop::encode_pairs({{"supported-versions", spop::text("2.0")},
                           {"max-frame-size", spop::integer(max_frame_size)},
                           {"capabilities", spop::text("pipelining")}})});
}

/// The daemon around one session.
class World {
 public:
  explicit World(const Mode& mode) : memory{mode.tight_memory ? 512U : 1U << 20U, 0} {
    settings.queue = mode.late ? 4096 : 0;
    settings.processing_timeout = std::chrono::milliseconds(0);
    if (mode.few_in_flight) settings.limits.frames_in_flight = 2;
    dispatcher = std::make_unique<spoa::serve::Dispatcher>(
        spoa::serve::Dispatcher::Parts{
            loop(), metrics(), events(),
            [this](spoa::serve::SessionId, const spoa::reply::Answer& answer) {
              if (session) session->answer(answer);
            },
            [] {}},
        settings);
    auto generation = std::make_shared<spoa::serve::Generation>();
    generation->number = 1;
    generation->applications.push_back(
        {"default", {}, std::make_shared<const spoa::inspect::Profile>()});
    dispatcher->use(std::move(generation));
    fuzz::require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0,
                  "the system has sockets");
    session = std::make_unique<spoa::serve::Session>(
        spoa::serve::Session::Parts{
            loop(), metrics(), *dispatcher, settings, arguments, memory,
            [this](spoa::serve::SessionId, spoa::serve::Stage stage) {
              greedy = greedy || stage == spoa::serve::Stage::kGreedy;
            }},
        1, spoa::accept::Accepted{fds[0], "fuzz", {}, nullptr});
  }
  ~World() {
    session.reset();
    fuzz::require(memory.held_bytes == 0, "a session that is over holds nothing");
    ::close(fds[1]);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// One turn of the loop. True: something came back.
  bool turn() {
    event_base_loop(loop().base(), EVLOOP_NONBLOCK);
    if (std::exchange(greedy, false)) session->free_memory();
    const std::size_t before = received.size();
    std::uint8_t buffer[65536];
    for (ssize_t n = 0; (n = ::read(fds[1], buffer, sizeof buffer)) > 0;) {
      received.insert(received.end(), buffer, buffer + n);
    }
    return received.size() > before;
  }
  void send(Bytes bytes) {
    [[maybe_unused]] const ssize_t n =
        ::send(fds[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
    turn();
  }
  /// Until nothing comes back any more.
  void settle() {
    for (int quiet = 0; quiet < 4;) quiet = turn() ? 0 : quiet + 1;
  }

  std::vector<std::uint8_t> received;
  std::unique_ptr<spoa::serve::Session> session;

 private:
  static spoa::accept::Loop& loop() {
    static spoa::accept::Loop one;
    return one;
  }
  static spoa::Metrics& metrics() {
    static spoa::Metrics one{{"fuzz", "none"}};
    return one;
  }
  static spoa::report::EventWriter& events() {
    static auto one = std::move(*spoa::report::EventWriter::open("none"));
    return *one;
  }

  spoa::Settings settings;
  std::unique_ptr<spoa::serve::Dispatcher> dispatcher;
  std::vector<spoa::Argument> arguments;
  spoa::accept::Memory memory;
  int fds[2] = {-1, -1};
  bool greedy = false;  // it was told that all together hold too much
};

using Ids = std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t>;

/// What the protocol makes of a stream.
struct Expected {
  bool greeted = false;
  bool over = false;  ///< a DISCONNECT is due
  Ids notifies;       ///< whole, before that
  std::uint32_t limit = kHelloLimit;
};

/// One frame. False: the connection must end.
bool expect_frame(const spoa::Frame& frame, spoa::decode::Assembler& assembler,
                  Expected& expected) {
  if (frame.type == FrameType::kHaproxyDisconnect) return false;
  if (!expected.greeted) {
    const auto said = spoa::decode::read_hello(frame);
    if (!said) return false;
    expected.greeted = true;
    expected.limit = std::min(said->max_frame_size, 1U << 20U);
    return true;
  }
  if (frame.type == FrameType::kHaproxyHello) return false;
  if (frame.type != FrameType::kNotify && frame.type != FrameType::kUnset) return true;
  const auto step = assembler.feed(frame);
  if (!step) return false;
  if (step->progress == spoa::decode::Progress::kComplete) {
    ++expected.notifies[{step->id.stream, step->id.frame}];
  }
  return true;
}

Expected expect(Bytes stream) {
  Expected expected;
  spoa::decode::Assembler assembler(1U << 20U);
  while (stream.size() >= spoa::kLengthBytes && !expected.over) {
    const auto size = spoa::decode::frame_bytes(stream, expected.limit);
    if (size && *size > stream.size()) break;
    const auto frame = size ? spoa::decode::read_frame(stream.first(*size))
                            : spoa::Result<spoa::Frame, spoa::WireError>(size.error());
    expected.over = !frame || !expect_frame(*frame, assembler, expected);
    if (size) stream = stream.subspan(*size);
  }
  return expected;
}

/// What the agent sent.
struct Got {
  std::size_t hellos = 0;
  std::size_t disconnects = 0;
  Ids acks;
};

Got read_answers(Bytes stream, std::uint32_t limit) {
  Got got;
  while (!stream.empty()) {
    fuzz::require(stream.size() >= spoa::kLengthBytes, "the agent sends whole frames");
    const auto size = spoa::decode::frame_bytes(stream, limit - 1);
    fuzz::require(size && *size <= stream.size(),
                  "the agent sends whole frames, below the negotiated size");
    const auto frame =
        spop::decode_frame(spoa::as_text(stream.subspan(4, *size - spoa::kLengthBytes)));
    fuzz::require(frame && frame->flags == 1, "the agent sends final frames");
    fuzz::require(got.disconnects == 0, "nothing follows a DISCONNECT");
    if (frame->kind == spop::kAck) {
      fuzz::require(got.hellos == 1, "no ACK before the HELLO");
      const auto variables = spop::decode_actions(frame->payload);
      fuzz::require(variables && !variables->empty(), "an ACK is never empty");
      ++got.acks[{frame->stream, frame->frame}];
    }
    got.hellos += frame->kind == spop::kAgentHello ? 1U : 0U;
    got.disconnects += frame->kind == spop::kAgentDisconnect ? 1U : 0U;
    stream = stream.subspan(*size);
  }
  return got;
}

void check(const Got& got, const Expected& expected, const Mode& mode) {
  for (const auto& [id, count] : got.acks) {
    const auto asked = expected.notifies.find(id);
    fuzz::require(asked != expected.notifies.end() && count <= asked->second,
                  "no answer is invented, none is given twice");
  }
  if (mode.tight_memory || mode.drains) return;
  fuzz::require(got.hellos == (expected.greeted ? 1U : 0U), "HELLO is answered, once");
  fuzz::require(got.disconnects == (expected.over ? 1U : 0U),
                "a DISCONNECT where it is due, and nowhere else");
  const bool dropped = mode.late && expected.over;  // those under way end with it
  fuzz::require(dropped || got.acks == expected.notifies, "no answer is lost");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const std::size_t slice = 1 + data[0];
  const Mode mode(data[1]);
  std::vector<std::uint8_t> whole;
  if (!mode.raw) {
    const std::string greeting = hello(mode.small_frames ? 256 : 16380);
    whole.assign(greeting.begin(), greeting.end());
  }
  whole.insert(whole.end(), data + 2, data + size);

  World world(mode);
  const Bytes stream{whole};
  bool draining = false;
  for (std::size_t at = 0; at < stream.size(); at += slice) {
    if (mode.drains && !draining && at >= stream.size() / 2) {
      draining = true;
      world.session->drain(std::chrono::microseconds(0));
    }
    world.send(stream.subspan(at, std::min(slice, stream.size() - at)));
  }
  world.settle();

  const Expected expected = expect(stream);
  // A refused HELLO is answered by a frame that fits the smallest size.
  const std::uint32_t limit = expected.greeted ? expected.limit : 256;
  check(read_answers(world.received, limit), expected, mode);
  return 0;
}
