#include "link.h"

#include <gtest/gtest.h>

#include <vector>

#include "peer.h"

namespace spoa::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kAnnounced = 16380;

struct Heard : LinkListener {
  std::vector<std::pair<milliseconds, Answer>> answers;
  std::vector<milliseconds> lost;
  void on_answer(const Flight& flight, Answer answer) override {
    answers.emplace_back(std::chrono::duration_cast<milliseconds>(flight.due), answer);
  }
  void on_lost(const Flight& flight) override {
    lost.push_back(std::chrono::duration_cast<milliseconds>(flight.due));
  }
};

class LinkTest : public testing::Test {
 protected:
  /// Lets the link see what happened to its socket, until `done` or some seconds are
  /// over.
  template <typename Done>
  void pump(Done done) {
    for (int i = 0; i < 1000 && !done(); ++i) {
      pollfd entry{fd_, POLLIN, 0};
      ::poll(&entry, 1, 10);
      link_.handle((entry.revents & (POLLIN | POLLHUP | POLLERR)) != 0, true);
    }
    EXPECT_TRUE(done());
  }
  void pump_until(Link::State state) {
    pump([&] { return link_.state() == state; });
  }

  void open() {
    fd_ = link_.open(endpoints_of(listener_.address())->front());
    ASSERT_GE(fd_, 0) << link_.failure();
    peer_.emplace(listener_.accept());
    pump_until(Link::State::kHello);
    const auto hello = peer_->read();
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->type, FrameType::kHaproxyHello);
  }
  void make_ready(std::string_view capabilities = "pipelining") {
    open();
    peer_->send(agent_hello(kAnnounced, capabilities));
    pump_until(Link::State::kReady);
  }
  std::uint64_t ask(milliseconds due) {
    const std::uint64_t number = link_.ask(question_, "id", {due, 0, 0});
    link_.flush();
    return number;
  }

  Listener listener_;
  Heard heard_;
  Link link_{heard_, kAnnounced, "engine"};
  std::optional<Peer> peer_;
  int fd_ = -1;
  Question question_{{"GET", "/", {}, "1.1", {}, {}}, QuestionDialect::kNamed, "", 0};
};

TEST_F(LinkTest, IsReadyOnceTheAgentHasSaidHello) {
  open();
  EXPECT_FALSE(link_.has_room());
  peer_->send(agent_hello(1000, "pipelining"));
  pump_until(Link::State::kReady);
  EXPECT_TRUE(link_.has_room());
  EXPECT_EQ(link_.max_frame_size(), 1000U);
}

TEST_F(LinkTest, GivesEachAnswerToItsQuestionInWhateverOrderTheyCome) {
  make_ready();
  ask(milliseconds(1));
  ask(milliseconds(2));
  ask(milliseconds(3));
  EXPECT_EQ(link_.in_flight(), 3U);
  std::vector<FrameId> ids;
  for (int i = 0; i < 3; ++i) {
    const auto frame = peer_->read();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->type, FrameType::kNotify);
    ids.push_back(frame->id);
  }
  EXPECT_EQ(ids, (std::vector<FrameId>{{1, 1}, {3, 1}, {5, 1}}))
      << "as HAProxy 3.1 counts";
  peer_->send(ack(ids[2], "allow", "overload"));
  peer_->send(ack(ids[0], "deny", "rules"));
  pump([&] { return heard_.answers.size() == 2; });
  peer_->send(ack(ids[1], "allow", "clean"));
  pump([&] { return heard_.answers.size() == 3; });
  EXPECT_EQ(heard_.answers[0].first, milliseconds(3));
  EXPECT_EQ(reason_name(heard_.answers[0].second.reason), "overload");
  EXPECT_EQ(heard_.answers[1].first, milliseconds(1));
  EXPECT_EQ(action_name(heard_.answers[1].second.action), "deny");
  EXPECT_EQ(heard_.answers[2].first, milliseconds(2));
  EXPECT_EQ(link_.in_flight(), 0U);
  EXPECT_TRUE(heard_.lost.empty());
}

TEST_F(LinkTest, PutsTogetherAnAnswerThatComesByteByByte) {
  make_ready();
  ask(milliseconds(1));
  for (const std::uint8_t byte : ack({1, 1}, "allow", "clean")) {
    EXPECT_TRUE(heard_.answers.empty());
    peer_->send({byte});
    pump([] { return true; });
    link_.handle(true, false);
  }
  pump([&] { return heard_.answers.size() == 1; });
}

TEST_F(LinkTest, AsksOneByOneOfAnAgentWithoutPipelining) {
  make_ready("");
  EXPECT_TRUE(link_.has_room());
  ask(milliseconds(1));
  EXPECT_FALSE(link_.has_room());
  peer_->send(ack({1, 1}, "allow", "clean"));
  pump([&] { return link_.has_room(); });
}

TEST_F(LinkTest, LosesWhatIsUnderWayWhenTheAgentCloses) {
  make_ready();
  ask(milliseconds(1));
  ask(milliseconds(2));
  peer_->close();
  pump_until(Link::State::kDown);
  EXPECT_EQ(heard_.lost, (std::vector<milliseconds>{milliseconds(1), milliseconds(2)}));
  EXPECT_EQ(link_.in_flight(), 0U);
  EXPECT_FALSE(link_.has_room());
  EXPECT_NE(link_.failure(), "");
}

TEST_F(LinkTest, SaysWhyTheAgentDisconnects) {
  make_ready();
  peer_->send(agent_disconnect(3, "frame is too big"));
  pump_until(Link::State::kDown);
  EXPECT_NE(link_.failure().find("code 3: frame is too big"), std::string::npos);
}

TEST_F(LinkTest, IsRefusedByAnAgentThatWantsNoHello) {
  open();
  peer_->send(agent_disconnect(8, "unsupported version"));
  pump_until(Link::State::kDown);
  EXPECT_NE(link_.failure().find("refuses"), std::string::npos);
}

TEST_F(LinkTest, GivesUpOnAPeerThatSpeaksSomethingElse) {
  open();
  const std::string_view http = "HTTP/1.1 400 Bad Request\r\n\r\n";
  peer_->send({http.begin(), http.end()});
  pump_until(Link::State::kDown);
  EXPECT_NE(link_.failure().find("no SPOP"), std::string::npos);
}

TEST_F(LinkTest, GivesUpOnAnswersToNothing) {
  for (const FrameId id : {FrameId{3, 1}, FrameId{1, 2}, FrameId{2, 1}}) {
    make_ready();
    ask(milliseconds(1));
    peer_->send(ack(id, "allow", "clean"));
    pump_until(Link::State::kDown);
    EXPECT_EQ(heard_.lost.size(), 1U);
    heard_.lost.clear();
  }
  EXPECT_TRUE(heard_.answers.empty());
}

TEST_F(LinkTest, ForgetsAnAnswerThatComesAfterItWasGivenUp) {
  make_ready();
  const std::uint64_t first = ask(milliseconds(1));
  ask(milliseconds(2));
  const auto flight = link_.expire(link_.opened(), first);
  ASSERT_TRUE(flight);
  EXPECT_EQ(flight->due, milliseconds(1));
  EXPECT_EQ(link_.in_flight(), 1U);
  EXPECT_FALSE(link_.expire(link_.opened(), first)) << "once";
  peer_->send(ack({1, 1}, "allow", "clean"));
  peer_->send(ack({3, 1}, "allow", "clean"));
  pump([&] { return !heard_.answers.empty(); });
  ASSERT_EQ(heard_.answers.size(), 1U);
  EXPECT_EQ(heard_.answers[0].first, milliseconds(2));
  EXPECT_EQ(link_.in_flight(), 0U);
}

// Numbers begin anew with each opening: one of the last must not give up one of this.
TEST_F(LinkTest, KnowsTheQuestionsOfOneOpeningFromThoseOfTheNext) {
  make_ready();
  const std::uint64_t before = ask(milliseconds(1));
  const std::uint64_t opened = link_.opened();
  peer_->close();
  pump_until(Link::State::kDown);
  make_ready();
  EXPECT_EQ(ask(milliseconds(2)), before);
  EXPECT_FALSE(link_.expire(opened, before));
  EXPECT_EQ(link_.in_flight(), 1U);
}

TEST_F(LinkTest, SaysGoodbyeAndIsNotLost) {
  make_ready();
  link_.say_goodbye();
  const auto frame = peer_->read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, FrameType::kHaproxyDisconnect);
  peer_->send(agent_disconnect(0, "normal"));
  pump_until(Link::State::kDown);
  EXPECT_EQ(link_.failure(), "");
}

TEST_F(LinkTest, SaysWhenNobodyListens) {
  const Address address = listener_.address();
  listener_.close();
  fd_ = link_.open(endpoints_of(address)->front());
  if (fd_ >= 0) pump_until(Link::State::kDown);
  EXPECT_NE(link_.failure().find("cannot connect: Connection refused"), std::string::npos)
      << link_.failure();
}

}  // namespace
}  // namespace spoa::bench
