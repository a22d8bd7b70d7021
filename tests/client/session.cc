#include "session.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <string>

#include "print.h"

namespace spop {
namespace {

int complain(const Error& error) {
  const bool goodbye = error.kind == Error::Kind::kDisconnected;
  std::cerr << "spop-client: " << (goodbye ? "the agent disconnected: " : "")
            << error.text << '\n';
  return 1;
}

void say(const std::string& line) { std::cout << line << std::endl; }

/// The frame as it goes out, true or not.
std::string spell(Frame frame, Lie lie) {
  if (lie == Lie::kFragmentIds && frame.kind == kUnset) frame.stream += 1;
  if (lie == Lie::kHelloIds && frame.kind == kHaproxyHello) frame.stream = 1;
  std::string bytes = encode_frame(frame);
  if (frame.kind == kHaproxyHello) return bytes;
  auto length = static_cast<std::uint32_t>(bytes.size() - 4);
  if (lie == Lie::kLengthShort) --length;
  if (lie == Lie::kLengthLong) ++length;
  if (lie == Lie::kLengthZero) length = 0;
  if (lie == Lie::kLengthHuge) length = 0xffffffff;
  for (std::size_t i = 4; i-- > 0; length >>= 8)
    bytes[i] = static_cast<char>(length & 255);
  return bytes;
}

/// The message with %n in its id replaced.
Message numbered(Message message, std::uint64_t number) {
  static constexpr std::string_view kPlaceholder = "%n";
  for (auto& [name, data] : message.arguments) {
    if (name != "id") continue;
    const std::size_t at = data.bytes.find(kPlaceholder);
    if (at != std::string::npos) {
      data.bytes.replace(at, kPlaceholder.size(), std::to_string(number));
    }
  }
  return message;
}

/// NOTIFYs under way. Stream-ids count from 0, as those of a fresh HAProxy 2.6 do, unless
/// a dialect says otherwise.
class Exchange {
 public:
  Exchange(Client& client, const Options& options, std::size_t max_frame_size)
      : client_(client), options_(options), max_frame_size_(max_frame_size) {}

  std::optional<Error> run() {
    if (options_.never_read) return run_deaf();
    while (sent_ < options_.repeat || !waiting_.empty()) {
      const bool room = waiting_.size() < options_.pipeline;
      const auto failed = room && sent_ < options_.repeat ? send_one() : receive_one();
      if (failed) return failed;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kFrameId = 1;
  static constexpr std::size_t kReserved = 32;  // HAProxy keeps as much for the header

  std::optional<Error> run_deaf() {
    while (sent_ < options_.repeat) {
      const auto failed = send_one();
      if (failed && failed->kind == Error::Kind::kTimeout) break;  // the agent stopped
      if (failed) return failed->kind == Error::Kind::kClosed ? std::nullopt : failed;
    }
    const auto ended = client_.await_end();
    return ended ? std::nullopt : std::optional<Error>(ended.error());
  }

  /// Bytes of payload a piece, as the dialect has it; nothing: it does not fit at all.
  [[nodiscard]] std::optional<std::size_t> piece(const std::vector<Message>& all) const {
    if (options_.fragment > 0) return options_.fragment;
    const std::size_t whole = encode_messages(all).size();
    const auto fits = [whole](std::size_t size) { return whole + kReserved <= size; };
    switch (options_.habits.large) {
      case Habits::Large::kAsIs:
        return whole + 1;
      case Habits::Large::kFragments:
        return std::min(whole + 1, max_frame_size_ - kReserved);
      case Habits::Large::kAnnounced:
        if (fits(options_.dialect.max_frame_size)) return whole + 1;
        break;
      case Habits::Large::kFails:
        if (fits(max_frame_size_)) return whole + 1;
        break;
    }
    return std::nullopt;
  }

  std::optional<Error> send_one() {
    const std::vector<Message> messages = {numbered(options_.message, sent_)};
    const auto bytes = piece(messages);
    if (!bytes) {
      return Error{Error::Kind::kMalformed,
                   "the message is larger than a frame: HAProxy would not send it"};
    }
    const Habits& habits = options_.habits;
    const std::uint64_t stream = habits.first_stream + sent_ * habits.stream_step;
    std::string frames;
    for (const Frame& frame : notify_frames(stream, kFrameId, messages, *bytes)) {
      frames += spell(frame, options_.lie);
    }
    const auto sent = client_.send_raw(frames);
    if (!sent) return sent.error();
    ++sent_;
    waiting_.insert(stream);
    return std::nullopt;
  }

  std::optional<Error> receive_one() {
    const auto ack = client_.read_ack();
    if (!ack) return ack.error();
    say(to_line(*ack, options_.show_ids));
    if (ack->frame != kFrameId || waiting_.erase(ack->stream) == 0) {
      return Error{Error::Kind::kMalformed,
                   "an ACK nobody waits for: stream=" + std::to_string(ack->stream) +
                       " frame=" + std::to_string(ack->frame)};
    }
    return std::nullopt;
  }

  Client& client_;
  const Options& options_;
  const std::size_t max_frame_size_;
  std::uint64_t sent_ = 0;
  std::set<std::uint64_t> waiting_;
};

/// An agent that hangs up while we send has said why, behind the ACKs it still gave.
Error last_words(Client& client, const Error& error) {
  if (error.kind != Error::Kind::kClosed) return error;
  for (auto frame = client.read(); frame; frame = client.read()) {
    if (const auto why = parse_agent_disconnect(*frame)) {
      return {Error::Kind::kDisconnected, *why};
    }
  }
  return error;
}

/// Prints whatever comes until the agent closes or falls silent.
int run_raw(Client& client, const Options& options) {
  const auto sent = client.send_raw(options.raw_bytes);
  // An agent that hangs up early may still have said why.
  if (!sent && sent.error().kind != Error::Kind::kClosed) return complain(sent.error());
  bool answered = false;
  while (true) {
    const auto frame = client.read();
    if (!frame) {
      if (frame.error().kind == Error::Kind::kClosed) {
        say("closed");
        return 0;
      }
      return answered ? 0 : complain(frame.error());
    }
    answered = true;
    say(to_line(*frame));
  }
}

}  // namespace

int run(const Options& options) {
  auto client = Client::connect(options.address, options.patience);
  if (!client) return complain(client.error());
  client->set_pace(options.pace);
  std::size_t max_frame_size = 0;
  if (!options.raw || options.after_hello) {
    const auto sent = client->send_raw(spell(hello_frame(options.dialect), options.lie));
    if (!sent) return complain(last_words(*client, sent.error()));
    const auto hello = client->read_hello();
    if (!hello) return complain(hello.error());
    max_frame_size = hello->max_frame_size;
    if (options.hello_only) {
      say(to_line(*hello));
      return 0;
    }
  }
  if (options.raw) return run_raw(*client, options);
  const auto failed = Exchange(*client, options, max_frame_size).run();
  if (failed) return complain(last_words(*client, *failed));
  if (options.never_read) say("closed");
  if (options.reset) client->reset();
  if (!options.disconnect || options.reset) return 0;
  const auto done = client->disconnect(0, "normal");
  return done ? 0 : complain(done.error());
}

}  // namespace spop
