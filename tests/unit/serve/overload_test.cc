// Busy workers, deadlines, limits, and the end.
#include <signal.h>

#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

// A request for /slow keeps its worker for a second.

TEST(Answers, ComeInAnyOrder) {
  Agent::With patient;
  patient.settings = "processing-timeout: 1m\n";
  const Agent agent(patient);
  spop::Client client = agent.ready_client();
  send(client, "/slow", 1);
  send(client, "/fast", 2);
  EXPECT_EQ(next_ack(client).stream, 2U) << "a slow request holds up nobody";
  EXPECT_EQ(next_ack(client).stream, 1U);
}

TEST(Answers, ToHelloDoNotWaitForWorkers) {
  const Agent agent(one_worker("processing-timeout: 1m\n"));
  const auto busy = [&] {
    return agent.admin("/metrics").find("\nspoa_modsecurity_workers_busy 1\n") !=
           std::string::npos;
  };
  spop::Client client = agent.ready_client();
  for (std::uint64_t stream = 1; stream <= 5; ++stream) send(client, "/slow", stream);
  while (!busy()) {
  }
  spop::Client late = agent.client();
  spop::Dialect check;
  check.healthcheck = true;
  EXPECT_TRUE(late.hello(check));
  EXPECT_TRUE(busy()) << "and was so all the while";
}

TEST(Deadline, EndsAnInspectionAsTimeoutAndAWaitAsOverload) {
  const Agent agent(one_worker("processing-timeout: 200ms\n"));
  spop::Client client = agent.ready_client();
  send(client, "/slow", 1);
  send(client, "/fast", 2);
  std::map<std::uint64_t, spop::Ack> answers;
  while (answers.size() < 2) {
    const spop::Ack ack = next_ack(client);
    answers[ack.stream] = ack;
  }
  EXPECT_EQ(text_of(answers[1], "reason"), "timeout");
  EXPECT_EQ(text_of(answers[1], "action"), "deny") << "on-timeout";
  EXPECT_GT(answers[1].find("inspect_us")->number, 0U)
      << "its cost is known all the same";
  EXPECT_EQ(text_of(answers[2], "reason"), "overload");
  EXPECT_EQ(text_of(answers[2], "action"), "allow") << "on-failure";
}

TEST(Queue, AnswersOverloadWhenItIsFull) {
  const Agent agent(one_worker("processing-timeout: 1m\nqueue: 1\n"));
  spop::Client client = agent.ready_client();
  constexpr std::uint64_t kRequests = 4;
  for (std::uint64_t stream = 1; stream <= kRequests; ++stream)
    send(client, "/slow", stream);
  std::multiset<std::string> reasons;
  for (std::uint64_t i = 0; i < kRequests; ++i)
    reasons.insert(text_of(next_ack(client), "reason"));
  EXPECT_GE(reasons.count("overload"), 2U);
  EXPECT_GE(reasons.count("clean"), 1U);
  EXPECT_EQ(reasons.count("overload") + reasons.count("clean"), kRequests);
}

Agent::With two_applications() {
  Agent::With with = one_worker("processing-timeout: 1m\ndefault-application: shop\n");
  with.policy = "  blog:\n    rules: rules.conf\n";
  return with;
}

spop::Message of_blog(const std::string& path) {
  spop::Message message = request(path);
  message.arguments.emplace_back("app", spop::text("blog"));
  return message;
}

// First come, first served, one site's flood took the time of all others.
TEST(Shares, LetNoApplicationWaitForAnothersFlood) {
  const Agent agent(two_applications());
  spop::Client client = agent.ready_client();
  constexpr std::uint64_t kFlood = 100;
  send(client, "/slow", 1);
  for (std::uint64_t stream = 2; stream <= kFlood; ++stream)
    send(client, "/fast", stream);
  ASSERT_TRUE(client.notify(kFlood + 1, 1, {of_blog("/fast")}));
  std::uint64_t before = 0;
  while (next_ack(client).stream != kFlood + 1) ++before;
  EXPECT_LE(before, 3U) << "what was under way, and a turn";
}

TEST(Shares, LetNoConnectionWaitForAnothersFlood) {
  const Agent agent(one_worker("processing-timeout: 1m\n"));
  spop::Client loud = agent.ready_client();
  spop::Client quiet = agent.ready_client();
  send(loud, "/slow", 1);
  send(loud, "/slow", 2);
  send(loud, "/slow", 3);
  ASSERT_TRUE(agent.becomes("spoa_modsecurity_queue_depth", 2));
  send(quiet, "/fast", 1);
  EXPECT_EQ(text_of(next_ack(quiet), "reason"), "clean");
  EXPECT_GE(agent.metric("spoa_modsecurity_queue_depth"), 1) << "the flood still waits";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(text_of(next_ack(loud), "reason"), "clean");
}

// Refusing the newest instead would keep the quiet one out of a queue that the flood
// fills.
TEST(Shares, MakeRoomInAFullQueueAtTheCostOfTheFlood) {
  Agent::With with = two_applications();
  with.settings += "queue: 3\n";
  const Agent agent(with);
  spop::Client client = agent.ready_client();
  for (std::uint64_t stream = 1; stream <= 10; ++stream) send(client, "/slow", stream);
  ASSERT_TRUE(client.notify(11, 1, {of_blog("/fast")}));
  std::multiset<std::string> reasons;
  for (int i = 0; i < 11; ++i) {
    const spop::Ack ack = next_ack(client);
    reasons.insert(text_of(ack, "reason"));
    if (ack.stream == 11) {
      EXPECT_EQ(text_of(ack, "reason"), "clean");
    }
  }
  EXPECT_GE(reasons.count("overload"), 6U);
}

TEST(RequestLimits, AreTheApplicationsAndCounted) {
  Agent::With with = one_worker();
  with.policy = "    limits: {arguments: 3}\n";
  const Agent agent(with);
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/", "a&b&c")), "reason"), "clean");
  const spop::Ack refused = ask(client, request("/", "a&b&c&d"));
  EXPECT_EQ(text_of(refused, "reason"), "timeout");
  EXPECT_EQ(text_of(refused, "action"), "deny");
  EXPECT_TRUE(agent.counts_soon(
      "spoa_modsecurity_requests_exceeding_total{app=\"shop\",limit=\"arguments\"}"));
  EXPECT_NE(agent.log().find("exceeded=arguments"), std::string::npos);
}

TEST(FramesInFlight, StopTheReadingButLoseNothing) {
  const Agent agent(
      one_worker("processing-timeout: 1m\nlimits: {frames-in-flight: 3}\n"));
  spop::Client client = agent.ready_client();
  constexpr std::uint64_t kRequests = 300;
  for (std::uint64_t stream = 1; stream <= kRequests; ++stream) {
    send(client, stream == 1 ? "/slow" : "/fast", stream);
  }
  std::set<std::uint64_t> answered;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    const spop::Ack ack = next_ack(client);
    EXPECT_EQ(text_of(ack, "reason"), "clean");
    answered.insert(ack.stream);
  }
  EXPECT_EQ(answered.size(), kRequests);
  EXPECT_TRUE(agent.counts_soon(
      "spoa_modsecurity_reading_paused_total{limit=\"frames-in-flight\"}"));
  EXPECT_NE(agent.log().find("event=reading-paused"), std::string::npos);
}

// The watermark of the large frame once kept a small one behind it unread: resumed
// reading waited for as many bytes as the large one had.
TEST(FramesInFlight, LeaveNoSmallFrameBehindALargeOne) {
  const Agent agent(
      one_worker("processing-timeout: 1m\nlimits: {frames-in-flight: 1}\n"));
  spop::Client client = agent.ready_client();
  const auto frame = [](const spop::Message& message, std::uint64_t stream) {
    return spop::encode_frame(
        {spop::kNotify, 1, stream, 1, spop::encode_messages({message})});
  };
  const std::string large = frame(request("/slow", "", std::string(12000, 'x')), 1);
  ASSERT_TRUE(client.send_raw(large.substr(0, 6000)));
  (void)agent.admin("/healthz");  // the first part is there, and the whole is waited for
  ASSERT_TRUE(client.send_raw(large.substr(6000) + frame(request("/fast"), 2)));
  EXPECT_EQ(next_ack(client).stream, 1U);
  EXPECT_EQ(next_ack(client).stream, 2U);
}

// Closing them would make a HAProxy up to 3.0 connect again and again without pause.
TEST(Connections, AboveTheLimitWaitForTheirTurn) {
  const Agent agent(one_worker("limits: {connections: 2}\n"));
  auto first = std::make_unique<spop::Client>(agent.ready_client());
  spop::Client second = agent.ready_client();
  spop::Client third = agent.client();
  EXPECT_EQ(text_of(ask(second, request("/")), "reason"), "clean");
  EXPECT_TRUE(agent.counts_soon("spoa_modsecurity_connections_full_total"));
  first.reset();
  EXPECT_TRUE(third.hello({}));
}

// Ten thousand connections that said nothing kept every HAProxy out until their time was
// up.
TEST(Connections, WithoutAHelloMakeRoomAtTheLimit) {
  const Agent agent(one_worker("limits: {connections: 3}\n"));
  spop::Client neighbour = agent.ready_client();
  spop::Client silent = agent.client();
  spop::Client half = agent.client();
  ASSERT_TRUE(half.send_raw(std::string("\0\0\0\x4e\x01", 5)));
  spop::Client fresh = agent.ready_client();
  const auto end = silent.read();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, spop::Error::Kind::kClosed) << "the oldest makes room";
  spop::Client another = agent.ready_client();
  EXPECT_EQ(text_of(ask(neighbour, request("/")), "reason"), "clean");
  EXPECT_EQ(text_of(ask(fresh, request("/")), "reason"), "clean");
  const std::string metrics = agent.admin("/metrics");
  EXPECT_NE(metrics.find("protocol_errors_total{error=\"crowded-out\"} 2"),
            std::string::npos);
  EXPECT_NE(metrics.find("\nspoa_modsecurity_connections 3\n"), std::string::npos);
  EXPECT_NE(agent.log().find("error=crowded-out"), std::string::npos);
}

// Whoever has got its DISCONNECT and does not close held its place for two seconds more.
TEST(Connections, ThatHaveBeenToldToGoMakeRoomAtTheLimit) {
  const Agent agent(one_worker("limits: {connections: 2}\n"));
  spop::Client first = agent.ready_client();
  spop::Client second = agent.ready_client();
  ASSERT_TRUE(first.send_raw("\xff\xff\xff\xff"));
  ASSERT_TRUE(first.read());
  spop::Client third = agent.ready_client();
  const std::string metrics = agent.admin("/metrics");
  EXPECT_NE(metrics.find("\nspoa_modsecurity_connections 2\n"), std::string::npos);
  EXPECT_NE(metrics.find("protocol_errors_total{error=\"crowded-out\"} 0"),
            std::string::npos)
      << "its error is counted already";
}

TEST(Connections, AboveTheLimitOfOneAddressAreRefusedAndCounted) {
  const Agent agent(one_worker("limits: {connections-per-address: 2}\n"));
  spop::Client first = agent.ready_client();
  spop::Client second = agent.ready_client();
  spop::Client third = agent.client();
  EXPECT_FALSE(third.hello({}));
  EXPECT_EQ(text_of(ask(first, request("/")), "reason"), "clean");
  EXPECT_NE(agent.admin("/metrics").find("connections_refused_total 1"),
            std::string::npos);
}

TEST(Drain, AnswersWhatWasTakenThenSaysGoodbye) {
  Agent agent(one_worker("processing-timeout: 1m\n"));
  spop::Client idle = agent.ready_client();
  spop::Client busy = agent.ready_client();
  send(busy, "/slow", 1);
  ask(idle, request("/"));  // both connections are known, and the slow request was taken
  send(busy, "/slow", 2);
  agent.signal(SIGTERM);
  EXPECT_EQ(next_ack(busy).stream, 1U);
  const auto bye = idle.read();
  ASSERT_TRUE(bye);
  EXPECT_EQ(bye->kind, spop::kAgentDisconnect);
  EXPECT_EQ(text_of(next_ack(busy), "action"), "allow");
  EXPECT_EQ(busy.read()->kind, spop::kAgentDisconnect);
  EXPECT_EQ(agent.wait(), 0);
}

// Frames that wait in the input while the connection is paused were thrown away with it.
TEST(Drain, AnswersWhatHasComeButWaitsBehindTheLimit) {
  Agent agent(one_worker("processing-timeout: 1m\nlimits: {frames-in-flight: 1}\n"));
  spop::Client client = agent.ready_client();
  constexpr std::uint64_t kRequests = 100;
  for (std::uint64_t stream = 1; stream <= kRequests; ++stream) {
    send(client, stream == 1 ? "/slow" : "/fast", stream);
  }
  spop::Client other = agent.ready_client();  // what was sent before has arrived
  agent.signal(SIGTERM);
  for (std::uint64_t stream = 1; stream <= kRequests; ++stream) {
    EXPECT_EQ(next_ack(client).stream, stream);
  }
  EXPECT_EQ(client.read()->kind, spop::kAgentDisconnect);
  EXPECT_EQ(agent.wait(), 0);
}

// Its answer was `timeout` long ago: joining the worker would hold the end up as long as
// the sender of the request likes.
TEST(Drain, DoesNotWaitForAWorkerNobodyWaitsFor) {
  Agent agent(one_worker("processing-timeout: 50ms\n"));
  {
    spop::Client client = agent.ready_client();
    send(client, "/slow", 1);
    EXPECT_EQ(text_of(next_ack(client), "reason"), "timeout");
  }
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
  EXPECT_NE(agent.log().find("event=drained"), std::string::npos);
}

TEST(Drain, IsCutShortByASecondSignal) {
  Agent agent(one_worker("processing-timeout: 1m\n"));
  spop::Client busy = agent.ready_client();
  send(busy, "/slow", 1);
  agent.signal(SIGTERM);
  agent.await_log("event=draining");
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
  EXPECT_NE(agent.log().find("event=stopped"), std::string::npos);
}

}  // namespace
}  // namespace spoa::serve
