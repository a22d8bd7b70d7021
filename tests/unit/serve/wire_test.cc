// Peers that keep to the protocol, and peers that do not.
#include <string>

#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

using namespace std::string_literals;

/// Reads up to the AGENT-DISCONNECT and then the end of the stream.
std::string goodbye(spop::Client& client) {
  const auto frame = client.read();
  if (!frame) return "no frame: " + frame.error().text;
  const auto text = spop::parse_agent_disconnect(*frame);
  if (!text) return "no AGENT-DISCONNECT";
  const auto after = client.read();
  if (after || after.error().kind != spop::Error::Kind::kClosed) return "not closed";
  return text->substr(0, text->find(' '));
}

std::string goodbye_after(const Agent& agent, const std::string& bytes) {
  spop::Client client = agent.ready_client();
  EXPECT_TRUE(client.send_raw(bytes));
  return goodbye(client);
}

TEST(Hello, TakesTheSmallerFrameSize) {
  const Agent agent;
  spop::Dialect small;
  small.max_frame_size = 256;
  EXPECT_EQ(agent.client().hello(small)->max_frame_size, 256U);
  spop::Dialect large;
  large.max_frame_size = 16 * 1024 * 1024;
  EXPECT_EQ(agent.client().hello(large)->max_frame_size, 1024U * 1024U);
}

TEST(Hello, OffersPipeliningAndFragmentationButNeverAsync) {
  const Agent agent;
  spop::Dialect dialect;
  dialect.capabilities = "pipelining,async,fragmentation";
  EXPECT_EQ(agent.client().hello(dialect)->capabilities, "pipelining,fragmentation");
}

TEST(Hello, IsRefusedWithTheCodeOfItsMistake) {
  const Agent agent;
  spop::Dialect old;
  old.versions = "1.0";
  spop::Client client = agent.client();
  const auto hello = client.hello(old);
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error().kind, spop::Error::Kind::kDisconnected);
  EXPECT_NE(hello.error().text.find("status-code=8"), std::string::npos)
      << hello.error().text;
}

TEST(Hello, IsWhatMustComeFirst) {
  const Agent agent;
  spop::Client client = agent.client();
  ASSERT_TRUE(client.notify(1, 1, {request("/")}));
  EXPECT_EQ(goodbye(client), "status-code=4");
}

TEST(Framing, EndsTheConnectionWhenItIsBroken) {
  const Agent agent;
  EXPECT_EQ(goodbye_after(agent, "\0\0\0\0"s), "status-code=4");
  EXPECT_EQ(goodbye_after(agent, "\xff\xff\xff\xff"s), "status-code=3") << "4 GB";
  EXPECT_EQ(goodbye_after(agent, spop::encode_frame({spop::kAck, 1, 1, 1, ""})),
            "status-code=4");
  EXPECT_EQ(goodbye_after(agent, spop::encode_frame({spop::kUnset, 1, 1, 1, "x"})),
            "status-code=11");
  EXPECT_EQ(goodbye_after(agent, spop::encode_frame({spop::kHaproxyHello, 1, 0, 0, ""})),
            "status-code=4")
      << "a second HELLO";
  const std::string metrics = agent.admin("/metrics");
  EXPECT_NE(metrics.find("protocol_errors_total{error=\"frame-too-small\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.find("protocol_errors_total{error=\"frame-too-big\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.find("protocol_errors_total{error=\"second-hello\"} 1"),
            std::string::npos);
}

TEST(Framing, IsNotDisturbedByOtherProtocols) {
  const Agent agent;
  spop::Client neighbour = agent.ready_client();
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\n\r\n"s, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s,
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"s}) {
    spop::Client client = agent.client();
    ASSERT_TRUE(client.send_raw(bytes));
    EXPECT_EQ(goodbye(client), "status-code=3") << bytes;
  }
  EXPECT_EQ(text_of(ask(neighbour, request("/")), "reason"), "clean");
}

TEST(Framing, TakesABytewiseFrame) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  const std::string frame = spop::encode_frame(
      {spop::kNotify, 1, 3, 1, spop::encode_messages({request("/x")})});
  for (const char byte : frame) ASSERT_TRUE(client.send_raw({&byte, 1}));
  EXPECT_EQ(next_ack(client).stream, 3U);
}

TEST(Framing, SkipsFramesOfUnknownTypesAndReservedFlags) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  ASSERT_TRUE(client.send({200, 1, 9, 9, "whatever"}));
  ASSERT_TRUE(client.send(
      {spop::kNotify, 0xfffffff1, 0, 1, spop::encode_messages({request("/")})}));
  const spop::Ack ack = next_ack(client);
  EXPECT_EQ(ack.stream, 0U) << "0 is a stream like any other";
  EXPECT_EQ(text_of(ack, "reason"), "clean");
}

// HAProxy 3.1.0 sends frames as large as it announced, whatever was negotiated.
TEST(Framing, TakesFramesAsLargeAsAnnounced) {
  Agent::With small;
  small.settings = "max-frame-size: 4KiB\n";
  const Agent agent(small);
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/", "", std::string(10000, 'x'))), "reason"),
            "clean");
}

// Two bytes make an argument, and each takes 60 in memory: these stayed with the
// connection.
TEST(Framing, LeavesNoMemoryBehindWithIdleConnections) {
  const Agent agent;
  const auto resident = [&] {
    const std::string metrics = agent.admin("/metrics");
    const std::size_t at = metrics.find("\nprocess_resident_memory_bytes ");
    return std::stoull(metrics.substr(at + 31));
  };
  std::string payload;
  for (int i = 0; i < 1900; ++i) payload += "\x01m\xff"s + std::string(510, '\0');
  const auto before = resident();
  std::vector<spop::Client> idle;
  for (int i = 0; i < 20; ++i) {
    spop::Dialect large;
    large.max_frame_size = 1024 * 1024;
    idle.push_back(agent.client());
    ASSERT_TRUE(idle.back().hello(large));
    ASSERT_TRUE(idle.back().send({spop::kNotify, 1, 1, 1, payload}));
    EXPECT_EQ(text_of(next_ack(idle.back()), "reason"), "bad-request");
  }
  EXPECT_LT(resident(), before + 300ULL * 1024 * 1024);
}

TEST(Timers, EndConnectionsThatDoNotGetOn) {
  Agent::With impatient;
  impatient.settings =
      "limits: {hello-timeout: 100ms, frame-timeout: 100ms, idle-timeout: 100ms}\n";
  const Agent agent(impatient);
  spop::Client silent = agent.client();
  EXPECT_EQ(goodbye(silent), "status-code=2");
  spop::Client slow = agent.ready_client();
  ASSERT_TRUE(slow.send_raw("\0\0"s));
  EXPECT_EQ(goodbye(slow), "status-code=2");
  spop::Client idle = agent.ready_client();
  ask(idle, request("/"));
  EXPECT_EQ(goodbye(idle), "status-code=2");
  const std::string metrics = agent.admin("/metrics");
  for (const std::string name : {"hello-timeout", "frame-timeout", "idle-timeout"}) {
    EXPECT_NE(metrics.find("protocol_errors_total{error=\"" + name + "\"} 1"),
              std::string::npos)
        << name;
    EXPECT_NE(agent.log().find(name), std::string::npos) << "a line in the log as well";
  }
}

TEST(Memory, OfUnfinishedFramesIsBounded) {
  Agent::With tight;
  tight.settings =
      "max-frame-size: 256KiB\nlimits: {buffered-per-connection: 256KiB, buffered: "
      "256KiB}\n";
  const Agent agent(tight);
  spop::Client neighbour = agent.ready_client();
  std::vector<spop::Client> greedy;
  spop::Dialect large;
  large.max_frame_size = 1024 * 1024;
  const std::string half = "\x00\x0f\x00\x00"s + std::string(100000, 'x');
  for (int i = 0; i < 6; ++i) {
    greedy.push_back(agent.client());
    ASSERT_TRUE(greedy.back().hello(large));
    (void)greedy.back().send_raw(half);
  }
  EXPECT_EQ(text_of(ask(neighbour, request("/")), "reason"), "clean");
  EXPECT_TRUE(agent.counts_soon(
      "spoa_modsecurity_protocol_errors_total{error=\"buffer-limit\"}"));
}

// The one that asked for more was ended: attackers that fill the room, and stay, kept
// every large frame out.
TEST(Memory, IsTakenFromWhoHasHeldItTheLongest) {
  Agent::With tight;
  tight.settings =
      "max-frame-size: 256KiB\nlimits: {buffered-per-connection: 256KiB, buffered: "
      "256KiB}\n";
  const Agent agent(tight);
  spop::Dialect large;
  large.max_frame_size = 256 * 1024;
  std::vector<spop::Client> greedy;
  for (int i = 0; i < 2; ++i) {
    greedy.push_back(agent.client());
    ASSERT_TRUE(greedy.back().hello(large));
    ASSERT_TRUE(greedy.back().send_raw("\x00\x02\x00\x00"s + std::string(100000, 'x')));
  }
  const auto held = [&] {
    const std::string metrics = agent.admin("/metrics");
    const std::size_t at = metrics.find("\nspoa_modsecurity_buffered_bytes ");
    return std::stoull(metrics.substr(at + 33));
  };
  while (held() < 200000) {
  }
  spop::Client honest = agent.client();
  ASSERT_TRUE(honest.hello(large));
  const std::string frame = spop::encode_frame(
      {spop::kNotify, 1, 1, 1,
       spop::encode_messages({request("/", "", std::string(200000, 'x'))})});
  ASSERT_TRUE(honest.send_raw(frame.substr(0, 150000)));
  EXPECT_TRUE(agent.counts_soon(
      "spoa_modsecurity_protocol_errors_total{error=\"buffer-limit\"}"));
  ASSERT_TRUE(honest.send_raw(frame.substr(150000)));
  EXPECT_EQ(text_of(next_ack(honest), "reason"), "clean");
  EXPECT_EQ(goodbye(greedy.front()), "status-code=13");
  EXPECT_EQ(held(), 100004U) << "the other stays, and nothing else";
}

// Ten thousand peers that do not read could make the agent keep 4 MiB for each.
TEST(Memory, OfUnreadAnswersIsBounded) {
  Agent::With tight;
  tight.settings =
      "max-frame-size: 64KiB\nlimits: {buffered-per-connection: 64KiB, buffered: 1MiB}\n";
  const Agent agent(tight);
  spop::Client neighbour = agent.ready_client();
  std::string questions;
  for (int i = 0; i < 60000; ++i) {
    questions += spop::encode_frame({spop::kNotify, 1, 1, 1, ""});
  }
  spop::Client deaf = agent.ready_client();
  (void)deaf.send_raw(questions, std::chrono::seconds(1));
  EXPECT_TRUE(agent.counts_soon(
      "spoa_modsecurity_protocol_errors_total{error=\"buffer-limit\"}"));
  EXPECT_EQ(text_of(ask(neighbour, request("/")), "reason"), "clean");
}

TEST(Disconnect, IsAnsweredAndEndsTheConnection) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  EXPECT_TRUE(client.disconnect(2, "a timeout occurred"));
}

// HAProxy ends idle connections all day; any other code says that we sent it nonsense.
TEST(Disconnect, ThatComplainsIsLoggedAndCounted) {
  const Agent agent;
  EXPECT_TRUE(agent.ready_client().disconnect(2, "a timeout occurred"));
  EXPECT_EQ(agent.log().find("level=warn event=haproxy-disconnect"), std::string::npos);
  EXPECT_TRUE(agent.ready_client().disconnect(4, "invalid frame"));
  EXPECT_NE(agent.log().find("level=warn event=haproxy-disconnect"), std::string::npos);
  const std::string metrics = agent.admin("/metrics");
  for (const std::string code : {"2", "4"}) {
    EXPECT_NE(metrics.find("haproxy_disconnects_total{status_code=\"" + code + "\"} 1"),
              std::string::npos);
  }
}

TEST(Ack, FitsTheSmallestFrame) {
  const Agent agent;
  spop::Client client = agent.client();
  spop::Dialect small;
  small.max_frame_size = 256;
  ASSERT_TRUE(client.hello(small));
  spop::Message message{"m",
                        {{"id", spop::text(std::string(120, 'i'))},
                         {"method", spop::text("GET")},
                         {"path", spop::text("/attack")}}};
  const spop::Ack ack = ask(client, message);
  EXPECT_EQ(text_of(ack, "action"), "allow");
  EXPECT_EQ(text_of(ack, "reason"), "clean");
}

}  // namespace
}  // namespace spoa::serve
