// Everything a peer can do to an agent, row by row: the files of tests/wire/survive say
// what it sends and what must come back. Each is played in one piece and byte by byte; an
// honest connection beside it gets its answers all the while, one error at most is
// counted, and nothing is left behind.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "agent.h"
#include "script.h"

namespace spoa::serve {
namespace {

using Kind = Step::Kind;
namespace fs = std::filesystem;

const std::vector<std::string> kRows = {
    "length below 7",
    "length above the limit",
    "a frame out of its place",
    "unknown frame type",
    "reserved flag bits",
    "ids on HELLO or DISCONNECT",
    "stream-id 0",
    "bad varint",
    "string longer than what is left",
    "bad typed data",
    "NB-ARGS larger than the data",
    "odd messages",
    "NOTIFY without FIN",
    "fragment series",
    "many NOTIFYs outstanding",
    "HAPROXY-DISCONNECT",
    "the peer is gone",
    "slow reader",
    "silent peer",
    "frames byte by byte",
    "storm of connections",
    "another protocol",
    "deadline passed",
    "exception in the library",
    "HELLO that cannot be taken",
    "health check",
};

std::vector<fs::path> files() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(SPOA_SURVIVE_DIR)) {
    if (entry.path().extension() == ".hex") all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// One agent for each kind of settings, as long as the test lasts.
class Agents {
 public:
  Agent& with(const Script& script) {
    auto& agent = agents_[script.settings + (script.library_throws ? "!" : "")];
    if (agent) return *agent;
    Agent::With with;
    with.settings = script.settings;
    // A busy machine must not turn an answer into `overload`.
    if (script.settings.find("processing-timeout") == std::string::npos) {
      with.settings += "processing-timeout: 1m\n";
    }
    if (script.library_throws) with.preload = SPOA_EXPLODE;
    agent = std::make_unique<Agent>(with);
    return *agent;
  }

 private:
  std::map<std::string, std::unique_ptr<Agent>> agents_;
};

using Counts = std::map<std::string, std::uint64_t>;

/// protocol_errors_total by its label, but for those at 0.
Counts errors_of(const Agent& agent) {
  static const std::string kHead = "spoa_modsecurity_protocol_errors_total{error=\"";
  Counts counts;
  std::istringstream lines(agent.admin("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kHead)) continue;
    const std::size_t end = line.find('"', kHead.size());
    const std::uint64_t count = std::stoull(line.substr(line.find(' ')));
    if (count > 0) counts[line.substr(kHead.size(), end - kHead.size())] = count;
  }
  return counts;
}

template <typename Holds>
bool soon(Holds holds) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string value_of(const spop::Ack& ack, const std::string& name) {
  const spop::Data* data = ack.find(name);
  if (data == nullptr) return "(unset)";
  return data->type == spop::kStr ? data->bytes : std::to_string(data->number);
}

/// One run of a script over a connection of its own.
class Player {
 public:
  Player(const Script& script, const Agent& agent, bool bytewise)
      : script_(script), agent_(agent), bytewise_(bytewise), before_(errors_of(agent)) {
    open(agent.client());
  }

  void play() {
    for (const Step& step : script_.steps) {
      step_ = &step;
      perform();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  spop::Client& client() { return *clients_.back(); }
  void open(spop::Client client) {
    clients_.push_back(std::make_unique<spop::Client>(std::move(client)));
  }

  void perform() {
    switch (step_->kind) {
      case Kind::kHello: {
        spop::Dialect dialect;
        dialect.max_frame_size = step_->size;
        ASSERT_TRUE(client().hello(dialect));
        return;
      }
      case Kind::kOther:
        open(agent_.ready_client());
        return;
      case Kind::kBack:
        std::swap(clients_.front(), clients_.back());
        return;
      case Kind::kSend:
        send();
        return;
      case Kind::kReceive:
        receive();
        return;
      case Kind::kAck:
        for (std::size_t i = 0; i < step_->times; ++i) receive_ack();
        return;
      case Kind::kWait:
        ASSERT_TRUE(agent_.counts_soon(step_->bytes));
        return;
      case Kind::kUnread:
        ASSERT_TRUE(soon([&] { return errors_of(agent_) != before_; }));
        while (client().read()) {
        }
        return;
      default:
        end();
    }
  }

  /// The agent may hang up before all is sent: what it said meanwhile is still there.
  void send() {
    static constexpr std::size_t kSingleBytes = 4096;  // enough, and soon done
    std::string bytes;
    for (std::size_t i = 0; i < step_->times; ++i) bytes += step_->bytes;
    std::string_view rest = bytes;
    for (; bytewise_ && !rest.empty() && bytes.size() - rest.size() < kSingleBytes;
         rest.remove_prefix(1)) {
      if (!client().send_raw(rest.substr(0, 1))) return;
    }
    const auto sent = script_.counts == "slow-reader"
                          ? client().send_raw(rest, std::chrono::seconds(1))
                          : client().send_raw(rest);
    if (sent) return;
    const auto why = sent.error().kind;
    ASSERT_TRUE(why == spop::Error::Kind::kClosed ||
                (why == spop::Error::Kind::kTimeout && script_.counts == "slow-reader"))
        << sent.error().text;
  }

  void receive() {
    const auto bytes = client().read_raw(step_->bytes.size());
    ASSERT_TRUE(bytes) << bytes.error().text;
    ASSERT_EQ(testing::PrintToString(*bytes), testing::PrintToString(step_->bytes));
  }

  /// Workers answer in any order: one that comes early waits for its step.
  void receive_ack() {
    const auto is_meant = [&](const spop::Ack& ack) {
      return ack.stream == step_->stream && ack.frame == step_->frame;
    };
    auto found = std::find_if(early_.begin(), early_.end(), is_meant);
    while (found == early_.end()) {
      auto ack = client().read_ack();
      ASSERT_TRUE(ack) << ack.error().text;
      early_.push_back(std::move(*ack));
      found = is_meant(early_.back()) ? early_.end() - 1 : early_.end();
    }
    const spop::Ack ack = std::move(*found);
    early_.erase(found);
    for (const auto& [name, value] : step_->variables) {
      ASSERT_EQ(value_of(ack, name), value) << name;
    }
  }

  void end() {
    ASSERT_TRUE(early_.empty()) << "an ACK nobody expected";
    if (step_->kind == Kind::kOpen) {
      ASSERT_TRUE(client().notify(4242, 1, {request("/still-here")}));
      const auto ack = client().read_ack();
      ASSERT_TRUE(ack) << ack.error().text;
      ASSERT_EQ(ack->stream, 4242U) << "an answer more than was asked for";
    } else if (step_->kind == Kind::kClosed) {
      const auto more = client().read();
      ASSERT_FALSE(more) << "a frame more than was expected";
      ASSERT_EQ(more.error().kind, spop::Error::Kind::kClosed) << more.error().text;
    } else if (step_->kind == Kind::kReset) {
      client().reset();
    }
    clients_.clear();
  }

  const Script& script_;
  const Agent& agent_;
  const bool bytewise_;
  const Counts before_;
  const Step* step_ = nullptr;
  std::vector<std::unique_ptr<spop::Client>> clients_;
  std::vector<spop::Ack> early_;
};

std::size_t lines_above_debug(const Agent& agent) {
  std::size_t count = 0;
  std::istringstream lines(agent.log());
  for (std::string line; std::getline(lines, line);) {
    count += line.find("level=") != std::string::npos &&
                     line.find("level=debug") == std::string::npos
                 ? 1U
                 : 0U;
  }
  return count;
}

bool shows(const Agent& agent, const std::string& line) {
  return agent.admin("/metrics").find("\nspoa_modsecurity_" + line + "\n") !=
         std::string::npos;
}

void play(const Script& script, const Agent& agent, bool bytewise) {
  spop::Client neighbour = agent.ready_client();
  const Counts before = errors_of(agent);
  const std::size_t lines = lines_above_debug(agent);
  for (std::size_t i = 0; i < script.times; ++i) {
    ASSERT_NO_FATAL_FAILURE(Player(script, agent, bytewise).play());
  }

  // Only idle-timeout does not spare the honest.
  if (script.counts != "idle-timeout") {
    EXPECT_EQ(text_of(ask(neighbour, request("/")), "action"), "allow")
        << "a connection beside it is not disturbed";
    EXPECT_TRUE(soon([&] { return shows(agent, "connections 1"); }))
        << "its connection is gone";
  }
  EXPECT_EQ(
      text_of(ask(*std::make_unique<spop::Client>(agent.ready_client()), request("/")),
              "action"),
      "allow")
      << "a new connection gets its answer";
  EXPECT_TRUE(soon([&] { return shows(agent, "buffered_bytes 0"); }))
      << "nothing it sent is kept";

  Counts after = before;
  if (script.counts != "nothing") after[script.counts] += script.times;
  Counts now = errors_of(agent);
  if (script.counts == "idle-timeout") {
    // The neighbour's, and that of the new connection, may come in between.
    EXPECT_GE(now[script.counts], after[script.counts]);
    now[script.counts] = after[script.counts];
  }
  EXPECT_EQ(now, after) << "protocol_errors_total";
  if (script.times > 1) {
    EXPECT_LT(lines_above_debug(agent), lines + script.times / 4)
        << "no line for each connection";
  }
}

class Survive : public testing::TestWithParam<std::string> {};

TEST_P(Survive, WholeAndByteByByte) {
  Agents agents;
  std::size_t played = 0;
  for (const fs::path& file : files()) {
    const Script script = read_script(file);
    if (script.row != GetParam()) continue;
    SCOPED_TRACE(file.filename().string());
    const Agent& agent = agents.with(script);
    play(script, agent, false);
    SCOPED_TRACE("byte by byte");
    play(script, agent, true);
    ++played;
  }
  EXPECT_GT(played, 0U) << "no file in tests/wire/survive has this row";
}

std::string name_of_row(const testing::TestParamInfo<std::string>& row) {
  std::string name = row.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; },
      '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Row, Survive, testing::ValuesIn(kRows), name_of_row);

TEST(SurviveFiles, BelongToARowEach) {
  const std::set<std::string> rows(kRows.begin(), kRows.end());
  for (const fs::path& file : files()) {
    EXPECT_EQ(rows.count(read_script(file).row), 1U) << file;
  }
}

// A file that expects nothing would pass whatever the agent does.
TEST(SurviveFiles, MustExpectSomething) {
  const std::string sound = "@row r\n@send\n00\n@receive\n01\n@closed\n@counts nothing\n";
  EXPECT_EQ(read_script(sound).steps.size(), 3U);
  for (const std::string bad :
       {"", "00", "@row r\n@send\n00\n", "@row r\n@send\n00\n@closed\n",
        "@row r\n@send\n00\n@closed\n@counts nothing\n",
        "@row r\n@send\n00\n@receive\n@closed\n@counts nothing\n",
        "@row r\n@ack 1 1\n@closed\n@counts nothing\n",
        "@send\n00\n@receive\n01\n@closed\n@counts nothing\n",
        "@row r\n@receive\n01\n@closed\n", "@row r\n@receive\n01\n@counts nothing\n",
        "@row r\n@receive\n01\n@nonsense\n@closed\n@counts nothing\n"}) {
    EXPECT_THROW((void)read_script(bad), std::runtime_error) << bad;
  }
}

}  // namespace
}  // namespace spoa::serve
