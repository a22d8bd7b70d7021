#include "answer.h"

#include <gtest/gtest.h>

#include "frame_reader.h"
#include "hex.h"
#include "writer.h"

namespace spoa::bench {
namespace {

using wire::golden;

constexpr std::uint8_t kAllow = static_cast<std::uint8_t>(Action::kAllow);
constexpr std::uint8_t kDeny = static_cast<std::uint8_t>(Action::kDeny);

/// An ACK that sets these variables, in scope txn unless said otherwise.
class Ack {
 public:
  Ack& set_value(std::string_view name, const Value& value, Scope scope = Scope::kTxn) {
    payload_.push_back(1);
    payload_.push_back(3);
    payload_.push_back(static_cast<std::uint8_t>(scope));
    write_string(name, payload_);
    write_value(value, payload_);
    return *this;
  }
  Ack& set(std::string_view name, std::string_view text) {
    return set_value(name, Value(text));
  }
  [[nodiscard]] Frame frame() const {
    return {FrameType::kAck, kFlagFin, {1, 1}, payload_};
  }

 private:
  Buffer payload_;
};

TEST(ReadAck, TakesActionAndReason) {
  const auto answer =
      read_ack(Ack().set("action", "deny").set("reason", "rules").frame());
  ASSERT_TRUE(answer);
  EXPECT_EQ(action_name(answer->action), "deny");
  EXPECT_EQ(reason_name(answer->reason), "rules");
  EXPECT_TRUE(answer->inspected());
  EXPECT_FALSE(answer->allows());
}

TEST(ReadAck, ReadsWhatTheDaemonWrites) {
  const Buffer bytes = golden("ack-deny");
  const auto answer = read_ack(*read_frame(bytes));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->action, kDeny);
}

TEST(ReadAck, TellsInspectedFromNot) {
  for (const char* reason : {"clean", "rules"}) {
    EXPECT_TRUE(read_ack(Ack().set("reason", reason).frame())->inspected()) << reason;
  }
  for (const char* reason :
       {"overload", "timeout", "bad-request", "truncated", "shutdown",
        "unknown-transaction", "engine-error", "whatever"}) {
    EXPECT_FALSE(read_ack(Ack().set("reason", reason).frame())->inspected()) << reason;
  }
}

TEST(ReadAck, TakesTheCodeOfAgentsThatKnowNothingElse) {
  const auto code = [](std::int64_t number) {
    return read_ack(Ack().set_value("code", Value(number)).frame());
  };
  EXPECT_EQ(code(403)->action, kDeny);
  EXPECT_EQ(code(0)->action, kAllow);
  EXPECT_TRUE(code(403)->inspected());
  // The agent of 2017 sets nothing for a clean request.
  EXPECT_EQ(read_ack(Ack().frame())->action, kAllow);
  EXPECT_EQ(read_ack(Ack().set("score", "5").frame())->action, kNoAction);
}

TEST(ReadAck, PrefersTheActionToTheCode) {
  const auto answer = read_ack(
      Ack().set("action", "allow").set_value("code", Value(std::int64_t{403})).frame());
  EXPECT_EQ(answer->action, kAllow);
}

TEST(ReadAck, NamesWordsItDoesNotKnow) {
  const auto answer =
      read_ack(Ack().set("action", "tarpit").set("reason", "mood").frame());
  EXPECT_EQ(action_name(answer->action), "other");
  EXPECT_EQ(reason_name(answer->reason), "other");
  EXPECT_FALSE(answer->allows());
}

TEST(ReadAck, LooksAtScopeTxnAlone) {
  const auto answer =
      read_ack(Ack()
                   .set("action", "allow")
                   .set_value("action", Value(std::string_view("deny")), Scope::kSess)
                   .frame());
  EXPECT_EQ(answer->action, kAllow);
}

TEST(ReadAck, SkipsVariablesThatAreUnset) {
  Buffer payload{2, 2, 2};
  write_string("action", payload);
  EXPECT_TRUE(read_ack({FrameType::kAck, kFlagFin, {1, 1}, payload}));
}

TEST(ReadAck, RefusesWhatHaproxyWouldStopAt) {
  for (const char* text :
       {"01", "0103", "010302", "010202 01\"a\" 00", "030302 01\"a\" 00",
        "010302 05\"a\"", "010302 01\"a\" 0f", "020202 05\"a\""}) {
    const Buffer payload = wire::hex(text);
    EXPECT_FALSE(read_ack({FrameType::kAck, kFlagFin, {1, 1}, payload})) << text;
  }
  EXPECT_FALSE(read_ack({FrameType::kAck, 0, {1, 1}, {}})) << "fragments";
}

TEST(ReadAgentHello, TakesWhatTheDaemonSays) {
  const Buffer bytes = golden("agent-hello");
  const auto hello = read_agent_hello(*read_frame(bytes), 16380);
  ASSERT_TRUE(hello) << hello.error();
  EXPECT_EQ(hello->max_frame_size, 16380U);
  EXPECT_TRUE(hello->pipelining);
}

Buffer hello_of(std::string_view version, std::uint32_t size, std::string_view words) {
  Buffer out;
  const std::size_t begin = begin_frame(FrameType::kAgentHello, {}, out);
  write_string("version", out);
  write_value(version, out);
  write_string("max-frame-size", out);
  write_uint32(size, out);
  write_string("capabilities", out);
  write_value(words, out);
  end_frame(begin, out);
  return out;
}

TEST(ReadAgentHello, FindsPipeliningAmongTheCapabilities) {
  for (const auto& [words, yes] :
       std::initializer_list<std::pair<const char*, bool>>{{"pipelining", true},
                                                           {"async,pipelining", true},
                                                           {"async, pipelining", true},
                                                           {"", false},
                                                           {"async", false},
                                                           {"pipelinings", false}}) {
    const Buffer bytes = hello_of("2.0", 1000, words);
    EXPECT_EQ(read_agent_hello(*read_frame(bytes), 1000)->pipelining, yes) << words;
  }
}

TEST(ReadAgentHello, RefusesWhatHaproxyWould) {
  for (const Buffer& bytes : {hello_of("1.0", 1000, ""), hello_of("2.0", 1001, ""),
                              hello_of("2.0", 255, ""), golden("ack-deny")}) {
    EXPECT_FALSE(read_agent_hello(*read_frame(bytes), 1000));
  }
}

TEST(ReadAgentHello, SaysWhyTheAgentRefuses) {
  const Buffer bytes = golden("agent-disconnect");
  const auto hello = read_agent_hello(*read_frame(bytes), 16380);
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error(), "the agent refuses: code 0: normal");
}

}  // namespace
}  // namespace spoa::bench
