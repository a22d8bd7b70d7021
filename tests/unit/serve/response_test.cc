// Responses, by messages that no HAProxy sends at such times.
#include <gtest/gtest.h>

#include "agent.h"

namespace spoa::serve {
namespace {

spop::Message response(const std::string& id, std::int64_t status) {
  return {
      "check-response",
      {{"id", spop::text(id)},
       {"status", spop::integer(status)},
       {"version", spop::text("1.1")},
       {"headers", spop::binary(spop::encode_headers({{"content-type", "text/html"}}))},
       {"body", spop::binary("<html></html>")}}};
}

// Phase 5 ran before the answer: a disk that stalls under an audit log turned a denial
// into a timeout, and a page into an error.
TEST(Response, IsAnsweredAsItsVerdictSaysHoweverLongPhaseFiveTakes) {
  Agent::With with;
  with.workers = 1;
  with.settings = "processing-timeout: 200ms\n";
  with.policy = "    on-timeout: allow\n";
  with.rules =
      "SecResponseBodyAccess On\n"
      "SecRule RESPONSE_STATUS \"@eq 500\" "
      "\"id:101,phase:3,deny,status:502,log,msg:'broken'\"\n"
      "SecAction \"id:102,phase:5,pass,nolog,exec:SLOW\"\n";
  const Agent agent(with);
  spop::Client client = agent.ready_client();
  const spop::Ack ack = ask(client, response("a", 500));
  EXPECT_EQ(text_of(ack, "res_action"), "deny");
  EXPECT_EQ(text_of(ack, "res_reason"), "rules");
}

}  // namespace
}  // namespace spoa::serve
