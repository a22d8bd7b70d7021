#include "runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <thread>

#include "peer.h"

namespace spoa::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// An agent of one thread that answers as it is told.
class FakeAgent {
 public:
  struct Habits {
    std::string_view capabilities = "pipelining";
    std::string_view reason = "clean";
    int answers_per_connection = -1;  ///< then it closes; -1: any number
    bool mute = false;                ///< never answers a question
  };
  explicit FakeAgent(Habits habits) : habits_(habits), thread_([this] { serve(); }) {}
  ~FakeAgent() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] Address address() const { return listener_.address(); }
  [[nodiscard]] int goodbyes() const { return goodbyes_; }
  [[nodiscard]] int together() const { return together_; }

 private:
  struct Session {
    Peer peer;
    int answers = 0;
  };

  void serve() {
    std::list<Session> sessions;
    while (!stopping_) {
      std::vector<pollfd> entries{{listener_.fd(), POLLIN, 0}};
      for (const Session& session : sessions) {
        entries.push_back({session.peer.fd(), POLLIN, 0});
      }
      if (::poll(entries.data(), entries.size(), 20) <= 0) continue;
      std::size_t i = 0;
      for (auto session = sessions.begin(); session != sessions.end();) {
        const bool ready = entries[++i].revents != 0;
        session =
            ready && !answer_all(*session) ? sessions.erase(session) : std::next(session);
      }
      if (entries[0].revents != 0) sessions.push_back({listener_.accept(), 0});
    }
  }

  bool answer_all(Session& session) {
    do {
      if (!answer_one(session)) return false;
    } while (session.peer.has_more());
    return true;
  }

  bool answer_one(Session& session) {
    const auto frame = session.peer.read();
    if (!frame) return false;
    switch (frame->type) {
      case FrameType::kHaproxyHello:
        session.peer.send(agent_hello(65532, habits_.capabilities));
        return true;
      case FrameType::kHaproxyDisconnect:
        ++goodbyes_;
        session.peer.send(agent_disconnect(0, "normal"));
        return false;
      default:
        break;
    }
    if (session.peer.has_more()) ++together_;
    if (habits_.mute) return true;
    if (session.answers++ == habits_.answers_per_connection) return false;
    session.peer.send(ack(frame->id, "allow", habits_.reason));
    return true;
  }

  Habits habits_;
  Listener listener_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> goodbyes_ = 0;
  std::atomic<int> together_ = 0;
  std::thread thread_;
};

BenchSettings settings_for(const FakeAgent& agent) {
  BenchSettings settings;
  settings.target = agent.address();
  settings.connections = 3;
  settings.warmup = milliseconds(0);
  settings.duration = milliseconds(200);
  settings.in_time = seconds(60);  // no assertion on time
  settings.timeout = seconds(60);
  return settings;
}

Result<Measurement, std::string> measure(const BenchSettings& settings) {
  auto stock = Stock::of(settings);
  EXPECT_TRUE(stock);
  const auto endpoints = endpoints_of(settings.target);
  EXPECT_TRUE(endpoints);
  return Runner(settings, *endpoints, *stock).run();
}

Measurement measured(const BenchSettings& settings) {
  auto result = measure(settings);
  EXPECT_TRUE(result) << result.error();
  if (!result) return {};
  const Tally& total = result->total;
  EXPECT_EQ(total.offered, total.answered() + total.unanswered + total.lost)
      << "each request ends in one way";
  return *result;
}

TEST(Runner, SendsWhatAnOpenLoopIsDue) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.rate = {{100, milliseconds(200)}, {1000, milliseconds(100)}};
  settings.arrivals = Arrivals::kEven;
  settings.warmup = milliseconds(100);
  settings.interval = milliseconds(100);
  const Measurement run = measured(settings);
  EXPECT_EQ(run.total.offered, 120U) << "the ten of the warm-up are not counted";
  EXPECT_EQ(run.total.inspected_in_time, 120U);
  EXPECT_EQ(run.lag.count(), 120U);
  ASSERT_EQ(run.phases.size(), 2U);
  EXPECT_EQ(run.phases[0].offered, 20U);
  EXPECT_EQ(run.phases[1].answered(), 100U);
  ASSERT_EQ(run.timeline.size(), 3U);
  EXPECT_EQ(run.timeline[1].offered, 10U);
  EXPECT_EQ(run.timeline[2].inspected_in_time, 100U);
  EXPECT_EQ(run.length, milliseconds(300));
  EXPECT_EQ(run.connections_lost, 0U);
}

TEST(Runner, KeepsAClosedLoopFull) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.concurrency = 10;
  const Measurement run = measured(settings);
  EXPECT_GT(run.total.offered, 10U);
  EXPECT_EQ(run.total.answered(), run.total.offered);
  EXPECT_EQ(run.lag.count(), 0U);
}

TEST(Runner, StopsAfterTheRequestsAskedFor) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.requests = 25;
  settings.duration = seconds(60);
  EXPECT_EQ(measured(settings).total.answered(), 25U);
  settings.rate = {{10'000, seconds(60)}};
  EXPECT_EQ(measured(settings).total.answered(), 25U);
}

TEST(Runner, SaysGoodbyeOnEveryConnection) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.requests = 1;
  EXPECT_EQ(measured(settings).total.answered(), 1U);
  EXPECT_EQ(agent.goodbyes(), 3);
}

TEST(Runner, CountsWhatWasNotInspected) {
  FakeAgent agent({.reason = "overload"});
  BenchSettings settings = settings_for(agent);
  settings.requests = 20;
  const Measurement run = measured(settings);
  EXPECT_EQ(run.total.uninspected_in_time, 20U);
  EXPECT_EQ(run.total.inspected_in_time, 0U);
  EXPECT_EQ(run.total.wrong(), 0U);
}

TEST(Runner, FindsTheAttacksThatAreLetThrough) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.requests = 150;
  settings.duration = seconds(60);
  const Measurement run = measured(settings);
  EXPECT_EQ(run.total.attacks_allowed, 3U) << "of the built-in mix, all of them";
  EXPECT_EQ(run.total.clean_denied, 0U);
}

TEST(Runner, GivesUpQuestionsThatAreNotAnswered) {
  FakeAgent agent({.mute = true});
  BenchSettings settings = settings_for(agent);
  settings.timeout = milliseconds(100);
  settings.in_time = milliseconds(50);
  settings.concurrency = 6;
  const Measurement run = measured(settings);
  EXPECT_GT(run.total.offered, 6U) << "a closed loop goes on without the answer";
  EXPECT_EQ(run.total.unanswered, run.total.offered);
  EXPECT_EQ(why_void(settings, run), "nothing was answered");
}

TEST(Runner, OpensBrokenConnectionsAnew) {
  FakeAgent agent({.answers_per_connection = 2});
  BenchSettings settings = settings_for(agent);
  settings.rate = {{200, milliseconds(600)}};
  settings.arrivals = Arrivals::kEven;
  settings.timeout = seconds(5);
  settings.in_time = seconds(5);
  const Measurement run = measured(settings);
  EXPECT_EQ(run.total.offered, 120U) << "the schedule does not wait";
  EXPECT_GT(run.total.lost, 0U);
  EXPECT_GT(run.total.answered(), 6U) << "more than the first three connections gave";
  EXPECT_GT(run.connections_lost, 3U);
  EXPECT_NE(run.last_failure, "");
}

TEST(Runner, NeverAsksTwoAtOnceOfAnAgentWithoutPipelining) {
  FakeAgent agent({.capabilities = ""});
  BenchSettings settings = settings_for(agent);
  settings.concurrency = 30;
  const Measurement run = measured(settings);
  EXPECT_GT(run.total.answered(), 30U);
  EXPECT_EQ(agent.together(), 0);
}

TEST(Runner, SaysWhyItCannotBegin) {
  Address nobody;
  {
    const Listener listener;
    nobody = listener.address();
  }
  BenchSettings settings;
  settings.target = nobody;
  const auto result = measure(settings);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("Connection refused"), std::string::npos)
      << result.error();
}

TEST(Runner, RefusesRequestsThatNoFrameHolds) {
  FakeAgent agent({});
  BenchSettings settings = settings_for(agent);
  settings.max_frame_size = 65'532;
  auto stock = Stock::of(settings);
  ASSERT_TRUE(stock);
  const auto endpoints = endpoints_of(settings.target);
  settings.max_frame_size = 1'000;  // the agent's answer, 65532, is above it
  EXPECT_FALSE(Runner(settings, *endpoints, *stock).run());
}

}  // namespace
}  // namespace spoa::bench
