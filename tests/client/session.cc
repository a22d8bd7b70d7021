#include "session.h"

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

/// NOTIFYs under way. Stream-ids count from 0, as those of a fresh HAProxy 2.6 do.
class Exchange {
 public:
  Exchange(Client& client, const Options& options) : client_(client), options_(options) {}

  std::optional<Error> run() {
    while (sent_ < options_.repeat || !waiting_.empty()) {
      const bool room = waiting_.size() < options_.pipeline;
      const auto failed = room && sent_ < options_.repeat ? send_one() : receive_one();
      if (failed) return failed;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kFrameId = 1;

  std::optional<Error> send_one() {
    const std::vector<Message> messages = {numbered(options_.message, sent_)};
    const auto sent =
        options_.fragment == 0
            ? client_.notify(sent_, kFrameId, messages)
            : client_.notify_in_fragments(sent_, kFrameId, messages, options_.fragment);
    if (!sent) return sent.error();
    waiting_.insert(sent_++);
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
  std::uint64_t sent_ = 0;
  std::set<std::uint64_t> waiting_;
};

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
  if (!options.raw || options.after_hello) {
    const auto hello = client->hello(options.dialect);
    if (!hello) return complain(hello.error());
    if (options.hello_only) {
      say(to_line(*hello));
      return 0;
    }
  }
  if (options.raw) return run_raw(*client, options);
  const auto failed = Exchange(*client, options).run();
  if (failed) return complain(*failed);
  if (!options.disconnect) return 0;
  const auto done = client->disconnect(0, "normal");
  return done ? 0 : complain(done.error());
}

}  // namespace spop
