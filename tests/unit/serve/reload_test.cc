// What reloads do to requests that wait, are inspected, or wait for their response.
#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

constexpr const char* kLive = "spoa_modsecurity_generations_live";

// Deadlines were a queue in the order of coming: one that is nearer waited behind the
// farther ones.
TEST(Reload, GivesLaterRequestsAShorterTimeThanThoseBefore) {
  Agent agent(one_worker("processing-timeout: 1m\n"));
  spop::Client client = agent.ready_client();
  send(client, "/slow", 1);
  send(client, "/waits", 2);
  EXPECT_NE(agent.reload("processing-timeout: 20ms\n").find("\"reloaded\""),
            std::string::npos);
  send(client, "/waits", 3);
  const spop::Ack first = next_ack(client);
  EXPECT_EQ(first.stream, 3U);
  EXPECT_EQ(text_of(first, "reason"), "overload");
  for (const std::uint64_t stream : {1U, 2U}) {
    const spop::Ack later = next_ack(client);
    EXPECT_EQ(later.stream, stream);
    EXPECT_EQ(text_of(later, "reason"), "clean");
  }
}

TEST(Reload, TakesInTheQueue) {
  Agent agent(one_worker("processing-timeout: 1m\nqueue: 100\n"));
  spop::Client client = agent.ready_client();
  send(client, "/slow", 1);
  send(client, "/waits", 2);
  EXPECT_NE(agent.reload("processing-timeout: 1m\nqueue: 1\n").find("\"reloaded\""),
            std::string::npos);
  send(client, "/newer", 3);
  const spop::Ack refused = next_ack(client);
  EXPECT_EQ(refused.stream, 2U) << "it makes room";
  EXPECT_EQ(text_of(refused, "reason"), "overload");
  EXPECT_EQ(next_ack(client).stream, 1U);
  EXPECT_EQ(next_ack(client).stream, 3U);
}

TEST(Reload, NamesWhatNeedsARestartAndKeepsItOut) {
  Agent agent(one_worker(""));
  const std::string answer = agent.reload("max-frame-size: 64KiB\n");
  EXPECT_NE(answer.find("\"reloaded\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"setting\": \"max-frame-size\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"in_force\": \"1MiB\""), std::string::npos) << answer;
  EXPECT_NE(agent.log().find("event=needs-restart setting=max-frame-size in_force=1MiB "
                             "wanted=64KiB"),
            std::string::npos);
}

spop::Message request_of(const std::string& id) {
  spop::Message message = request("/");
  message.arguments[0] = {"id", spop::text(id)};
  return message;
}

spop::Message response_to(const std::string& id) {
  return {
      "check-response",
      {{"id", spop::text(id)},
       {"status", spop::integer(200)},
       {"version", spop::text("1.1")},
       {"headers", spop::binary(spop::encode_headers({{"content-type", "text/html"}}))}}};
}

std::uint64_t ruleset_of(const spop::Ack& ack) {
  const spop::Data* data = ack.find("res_ruleset");
  return data == nullptr ? 0 : data->number;
}

// Held transactions keep their rules in memory: each reload would cost what the rules
// take.
TEST(Reload, InAFloodLeavesThreeGenerationsOfWhatWaitsForAResponse) {
  Agent agent(one_worker("processing-timeout: 1m\n"));
  spop::Client client = agent.ready_client();
  ask(client, response_to("none"));  // from now on requests are kept
  constexpr int kReloads = 10;
  for (int i = 1; i <= kReloads; ++i) {
    ask(client, request_of("r" + std::to_string(i)));
    ASSERT_NE(agent.admin("/reload", "POST").find(" 200 "), std::string::npos);
  }
  // Generations 9 and 10 have one each; 11 is in force.
  EXPECT_EQ(agent.metric("spoa_modsecurity_transactions_held{app=\"shop\"}"), 2);
  EXPECT_EQ(agent.metric("spoa_modsecurity_transactions_unanswered_total"
                         "{app=\"shop\",cause=\"reload\"}"),
            8);
  EXPECT_TRUE(agent.becomes(kLive, 3));
  EXPECT_EQ(ruleset_of(ask(client, response_to("r10"))), 10U);
  EXPECT_EQ(ruleset_of(ask(client, response_to("r1"))), 11U) << "inspected on its own";
  EXPECT_EQ(ruleset_of(ask(client, response_to("r9"))), 9U);
  EXPECT_TRUE(agent.becomes(kLive, 1)) << "freed with its last transaction";
}

TEST(Reload, LeavesARequestThatIsStuckItsOwnRules) {
  Agent::With with;
  with.settings = "processing-timeout: 50ms\n";
  with.rules =
      "SecRule REQUEST_URI \"@beginsWith /stuck\" \"id:7,phase:1,deny,log,exec:STUCK\"\n";
  const Agent agent(with);
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/stuck")), "reason"), "timeout");
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(agent.admin("/reload", "POST").find(" 200 "), std::string::npos);
    EXPECT_EQ(ask(client, request("/")).stream, 1U);
  }
  EXPECT_TRUE(agent.becomes(kLive, 2)) << "its own, and those in force";
  agent.let_go();
  EXPECT_TRUE(agent.becomes(kLive, 1));
  EXPECT_EQ(agent.metric("spoa_modsecurity_late_findings_total"), 1);
}

}  // namespace
}  // namespace spoa::serve
