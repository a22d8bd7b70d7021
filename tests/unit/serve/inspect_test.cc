// What a NOTIFY leads to.
#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

std::uint64_t number_of(const spop::Ack& ack, std::string_view name) {
  const spop::Data* data = ack.find(name);
  return data == nullptr ? 999999 : data->number;
}

TEST(Notify, IsAnsweredWithTheWholeVerdict) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  const spop::Ack clean = ask(client, request("/clean"), 7);
  EXPECT_EQ(clean.stream, 7U);
  EXPECT_EQ(text_of(clean, "action"), "allow");
  EXPECT_EQ(text_of(clean, "reason"), "clean");
  EXPECT_EQ(text_of(clean, "id"), "id/clean");
  EXPECT_EQ(number_of(clean, "code"), 0U);
  EXPECT_EQ(number_of(clean, "ruleset"), 1U);
  EXPECT_EQ(clean.find("status"), nullptr) << "only when not allowed";

  const spop::Ack denied = ask(client, request("/", "q=attack"));
  EXPECT_EQ(text_of(denied, "action"), "deny");
  EXPECT_EQ(text_of(denied, "reason"), "rules");
  EXPECT_EQ(text_of(denied, "rule_ids"), "2");
  EXPECT_EQ(number_of(denied, "code"), 403U);
  EXPECT_EQ(number_of(denied, "status"), 403U);
  EXPECT_EQ(number_of(denied, "rules_hit"), 1U);
}

TEST(Notify, MayComeInFragments) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  const std::string body = "x=" + std::string(50000, 'a') + "attack";
  ASSERT_TRUE(client.notify_in_fragments(1, 1, {request("/", "", body)}, 1000));
  EXPECT_EQ(text_of(next_ack(client), "action"), "deny");
}

TEST(Notify, WithoutAMessageIsAnsweredButNotClean) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  ASSERT_TRUE(client.notify(1, 1, {}));
  EXPECT_EQ(text_of(next_ack(client), "reason"), "bad-request");
}

TEST(Notify, ThatIsNoSpopCostsItsRequestAlone) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  spop::Frame frame{spop::kNotify, 1, 5, 1, "\x7fnonsense"};
  ASSERT_TRUE(client.send(frame));
  const spop::Ack ack = next_ack(client);
  EXPECT_EQ(ack.stream, 5U);
  EXPECT_EQ(text_of(ack, "reason"), "bad-request");
  EXPECT_EQ(text_of(ask(client, request("/")), "reason"), "clean");
}

TEST(Notify, FollowsOnFailureWhenItCannotBeInspected) {
  Agent::With closed;
  closed.policy = "    on-failure: deny\n";
  const Agent agent(closed);
  spop::Client client = agent.ready_client();
  ASSERT_TRUE(client.notify(1, 1, {}));
  const spop::Ack ack = next_ack(client);
  EXPECT_EQ(text_of(ack, "action"), "deny");
  EXPECT_EQ(number_of(ack, "code"), 503U);
}

// Headers that did not fit HAProxy's buffer come as NULL: the rest can hold an attack,
// and what was not seen must not look clean.
TEST(Notify, WithoutItsHeadersIsInspectedButNeverClean) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  const auto without_headers = [](const std::string& query) {
    spop::Message message = request("/", query);
    for (auto& [name, value] : message.arguments) {
      if (name == "headers") value = spop::null();
    }
    return message;
  };
  EXPECT_EQ(text_of(ask(client, without_headers("q=attack")), "action"), "deny");
  EXPECT_EQ(text_of(ask(client, without_headers("q=fine")), "reason"), "bad-request");
}

TEST(Notify, OfAnUnknownApplicationIsForTheDefaultOneAndCounted) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  spop::Message message = request("/", "q=attack");
  message.arguments.emplace_back("app", spop::text("nobody"));
  EXPECT_EQ(text_of(ask(client, message), "action"), "deny");
  EXPECT_NE(agent.admin("/metrics").find("unknown_application_total 1"),
            std::string::npos);
}

TEST(Notify, WithAStatusIsAResponseNobodyInspects) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  const spop::Ack ack = ask(client, {"check-response", {{"status", spop::integer(200)}}});
  EXPECT_EQ(text_of(ack, "res_action"), "allow");
  EXPECT_EQ(text_of(ack, "res_reason"), "unknown-transaction");
  EXPECT_EQ(ack.find("action"), nullptr) << "the request's verdict stays";
}

TEST(Notify, OfThe2017AgentIsUnderstood) {
  const Agent agent;
  spop::Client client = agent.ready_client();
  spop::Message old = request("/", "q=attack");
  old.arguments = {{"", spop::text("id")},  {"", spop::text("GET")},
                   {"", spop::text("/")},   {"", spop::text("q=attack")},
                   {"", spop::text("1.1")}, {"", spop::binary(spop::encode_headers({}))},
                   {"", spop::integer(0)},  {"", spop::binary("")}};
  EXPECT_EQ(number_of(ask(client, old), "code"), 403U);
}

TEST(Admin, ShowsHealthReadinessAndMetrics) {
  const Agent agent;
  EXPECT_NE(agent.admin("/healthz").find(" 200 "), std::string::npos);
  EXPECT_NE(agent.admin("/readyz").find(" 200 "), std::string::npos);
  EXPECT_NE(agent.admin("/metrics").find("\nspoa_modsecurity_workers 2\n"),
            std::string::npos);
  EXPECT_NE(agent.admin("/").find(" 404 "), std::string::npos);
  EXPECT_NE(agent.admin("/nothing?/metrics").find(" 404 "), std::string::npos);
}

}  // namespace
}  // namespace spoa::serve
