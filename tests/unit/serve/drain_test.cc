// The end, whatever peers, workers and reloads do.
#include <signal.h>

#include <thread>

#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

// A worker is stuck for ever, and no peer closes.
TEST(Drain, EndsThoughNobodyElseDoes) {
  Agent::With with;
  with.settings = "processing-timeout: 20ms\n";
  with.rules =
      "SecRule REQUEST_URI \"@beginsWith /stuck\" "
      "\"id:7,phase:1,pass,nolog,exec:STUCK\"\n";
  Agent agent(with);
  const spop::Client silent = agent.client();
  spop::Client half = agent.ready_client();
  ASSERT_TRUE(half.send_raw(std::string_view("\x00\x00\x01\x00\x03", 5)));
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/stuck")), "reason"), "timeout");
  agent.signal(SIGTERM);
  EXPECT_EQ(client.read()->kind, spop::kAgentDisconnect);
  EXPECT_EQ(half.read()->kind, spop::kAgentDisconnect);
  EXPECT_EQ(agent.wait(), 0);
  EXPECT_NE(agent.log().find("event=drain-limit"), std::string::npos);
}

// Who waits for the reload is told; nobody waits for the load.
TEST(Drain, DoesNotWaitForAReloadThatHangs) {
  Agent::With with;
  with.settings = "processing-timeout: 1m\n";
  with.preload = SPOA_HANG;
  Agent agent(with);
  std::string answer;
  std::thread waiter([&] { answer = agent.admin("/reload", "POST"); });
  agent.await_log("event=reload ");
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/")), "action"), "allow") << "traffic goes on";
  EXPECT_GT(agent.metric("spoa_modsecurity_reload_running_seconds"), 0);
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
  waiter.join();
  EXPECT_NE(answer.find(" 503 "), std::string::npos) << answer;
  EXPECT_NE(agent.log().find("event=drained"), std::string::npos);
}

TEST(Drain, RefusesReloadsMeanwhile) {
  Agent::With with;
  with.workers = 1;
  with.settings = "processing-timeout: 1m\n";
  Agent agent(with);
  spop::Client client = agent.ready_client();
  ASSERT_TRUE(client.notify(1, 1, {request("/slow")}));
  agent.signal(SIGTERM);
  agent.await_log("event=draining");
  EXPECT_NE(agent.admin("/readyz").find(" 503 "), std::string::npos);
  EXPECT_NE(agent.admin("/reload", "POST").find(" 503 "), std::string::npos);
  agent.signal(SIGHUP);
  EXPECT_EQ(next_ack(client).stream, 1U);
  EXPECT_EQ(agent.wait(), 0);
  EXPECT_EQ(agent.log().find("event=reload "), std::string::npos);
}

TEST(Drain, WritesTheEventsThatWaitWhenItIsCutShort) {
  Agent::With with;
  with.workers = 1;
  with.settings = "processing-timeout: 1m\n";
  Agent agent(with);
  spop::Client client = agent.ready_client();
  EXPECT_EQ(text_of(ask(client, request("/", "", "attack")), "action"), "deny");
  ASSERT_TRUE(client.notify(2, 1, {request("/slow")}));
  agent.signal(SIGTERM);
  agent.await_log("event=draining");
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0) << "that was asked for";
  EXPECT_NE(agent.log().find("event=stopped"), std::string::npos);
  EXPECT_NE(agent.events().find("\"action\":\"deny\""), std::string::npos);
}

}  // namespace
}  // namespace spoa::serve
