// Phases 3 to 5: a response on its request's transaction, and on its own.
#include <string>

#include "rules.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

constexpr std::string_view kRules =
    "SecResponseBodyAccess On\n"
    "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.ready=1\"\n"
    "SecRule ARGS:q \"@streq noted\" \"id:2,phase:2,pass,log,msg:'request'\"\n"
    "SecRule RESPONSE_STATUS \"@eq 500\" \"id:3,phase:3,deny,status:502,log,msg:'s'\"\n"
    "SecRule RESPONSE_HEADERS:x-leak \"@rx .\" \"id:4,phase:3,pass,log,msg:'h'\"\n"
    "SecRule RESPONSE_BODY \"@contains leak\" "
    "\"id:5,phase:4,deny,log,msg:'b',setvar:tx.outbound_anomaly_score=+4\"\n"
    "SecRule ARGS:q \"@streq secret\" \"id:6,phase:4,deny,log,msg:'both'\"\n"
    "SecRule TX:ready \"!@eq 1\" \"id:7,phase:4,deny,log,msg:'no phase 1'\"\n"
    "SecAction \"id:8,phase:5,pass,log,msg:'end'\"\n";

Request response_of(int status, std::vector<Header> headers, std::string_view body) {
  Request response;
  response.id = "test-id";
  response.version = "1.1";
  response.response_status = status;
  response.headers = std::move(headers);
  response.body = as_bytes(body);
  return response;
}

Request page(std::string_view body) {
  return response_of(200, {{"content-type", "text/html; charset=utf-8"}}, body);
}

/// The response to a request for that URI.
Findings answer(const std::string& uri, const Request& response) {
  const Request request = request_of("GET", uri);
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules_of(kRules)),
                          borrowed(request));
  EXPECT_FALSE(transaction.inspect_request(progress).intervention);
  Findings findings = transaction.inspect_response(response, progress);
  findings.logging_matches = transaction.log();
  return findings;
}

Findings on_its_own(const Request& response) {
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules_of(kRules)),
                          borrowed(response));
  transaction.stand_in_for_request();
  return transaction.inspect_response(response, progress);
}

std::string ids(const std::vector<RuleMatch>& matches) {
  std::string text;
  for (const RuleMatch& match : matches) text += std::to_string(match.id) + " ";
  return text;
}

TEST(Response, IsCleanAndHasRunThroughPhaseFour) {
  const Findings findings = answer("/", page("hello"));
  EXPECT_FALSE(findings.intervention);
  EXPECT_EQ(findings.phase, 4);
  EXPECT_EQ(ids(findings.matches), "");
}

TEST(Response, IsDeniedForItsBody) {
  const Findings findings = answer("/", page("a leak"));
  ASSERT_TRUE(findings.intervention);
  EXPECT_EQ(findings.intervention->phase, 4);
  EXPECT_EQ(findings.intervention->status, 403);
  EXPECT_EQ(findings.anomaly_score, 4) << "the outbound score";
}

TEST(Response, IsDeniedForItsStatusBeforeItsBodyIsLookedAt) {
  const Findings findings =
      answer("/", response_of(500, {{"content-type", "text/html"}}, "a leak"));
  ASSERT_TRUE(findings.intervention);
  EXPECT_EQ(findings.intervention->status, 502);
  EXPECT_EQ(findings.phase, 3);
  EXPECT_EQ(ids(findings.matches), "3 ");
}

TEST(Response, ReportsItsOwnRulesOnly) {
  const Findings findings = answer("/?q=noted", response_of(200, {{"x-leak", "1"}}, ""));
  EXPECT_EQ(ids(findings.matches), "4 ") << "rule 2 is the request's";
  EXPECT_EQ(ids(findings.logging_matches), "8 ");
}

TEST(Response, IsJudgedTogetherWithItsRequest) {
  EXPECT_TRUE(answer("/?q=secret", page("hello")).intervention);
}

TEST(Response, OfAnotherTypeIsNotSearched) {
  const Findings findings =
      answer("/", response_of(200, {{"content-type", "image/png"}}, "leak"));
  EXPECT_FALSE(findings.intervention);
  EXPECT_EQ(findings.phase, 4) << "its headers and status were";
}

TEST(Response, IsSearchedWhateverTheCaseOfItsType) {
  EXPECT_TRUE(answer("/", response_of(200, {{"content-type", "Text/HTML ;a=b"}}, "leak"))
                  .intervention);
}

// The library compares SecResponseBodyMimeType letter by letter, and skips phase 4.
TEST(Response, IsSearchedWhateverTheSpellingOfATypeThatTheRulesName) {
  const auto rules =
      rules_of("SecResponseBodyMimeType text/html\n" + std::string(kRules));
  const Request request = request_of("GET", "/");
  for (const char* type : {"text/html", "Text/HTML", "text/html ; charset=utf-8"}) {
    Progress progress;
    Transaction transaction(test_engine(), 0, profile_of(rules), borrowed(request));
    transaction.inspect_request(progress);
    const Request response = response_of(200, {{"content-type", type}}, "a leak");
    EXPECT_TRUE(transaction.inspect_response(response, progress).intervention) << type;
  }
}

TEST(Response, WithoutATypeIsSearched) {
  EXPECT_TRUE(answer("/", response_of(200, {}, "a leak")).intervention);
}

TEST(Response, SaysWhatTheRulesOwnLimitCutOff) {
  const auto rules =
      rules_of("SecResponseBodyLimit 4\nSecResponseBodyLimitAction Reject\n" +
               std::string(kRules));
  const Request request = request_of("GET", "/");
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules), borrowed(request));
  transaction.inspect_request(progress);
  const Findings findings = transaction.inspect_response(page("long page"), progress);
  EXPECT_FALSE(findings.intervention) << "a limit is no attack";
  EXPECT_TRUE(findings.body_truncated);
}

// The message before it was a logging rule's of an earlier phase, with `drop`.
TEST(Response, DeniedByARuleWithoutAMessageHasNoDecidingRule) {
  RuleFacts facts;
  facts.drops.insert(1);
  const auto rules = rules_of(
      "SecRuleEngine DetectionOnly\n"
      "SecAction \"id:1,phase:1,drop,log,msg:'early',ctl:ruleEngine=On\"\n"
      "SecRule RESPONSE_STATUS \"@eq 500\" \"id:2,phase:3,deny,nolog\"\n",
      facts);
  const Request request = request_of("GET", "/");
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules), borrowed(request));
  transaction.inspect_request(progress);
  const Findings findings =
      transaction.inspect_response(response_of(500, {}, ""), progress);
  ASSERT_TRUE(findings.intervention);
  EXPECT_FALSE(findings.intervention->drop);
  EXPECT_EQ(findings.intervention->rule_id, 0);
}

TEST(Response, IsSearchedUpToTheLimit) {
  const Request request = request_of("GET", "/");
  Profile profile{"default", rules_of(kRules), {}, {}, {}};
  profile.responses.types = {"text/html"};
  profile.responses.body_limit_bytes = 6;
  const auto inspect_with_limit = [&](const Request& response) {
    Progress progress;
    Transaction transaction(test_engine(), 0, std::make_shared<const Profile>(profile),
                            borrowed(request));
    transaction.inspect_request(progress);
    return transaction.inspect_response(response, progress).intervention.has_value();
  };
  EXPECT_TRUE(inspect_with_limit(page("a leak")));
  EXPECT_FALSE(inspect_with_limit(page("1 a leak")));
}

// Rules of phase 4 compare with what phase 1 sets: without it every response would be
// over the Core Rule Set's threshold.
TEST(Response, OnItsOwnFindsWhatPhaseOneSetsUp) {
  const Findings clean = on_its_own(page("hello"));
  EXPECT_FALSE(clean.intervention) << ids(clean.matches);
  const Findings found = on_its_own(page("a leak"));
  ASSERT_TRUE(found.intervention);
  EXPECT_EQ(ids(found.matches), "5 ");
}

TEST(Response, OnItsOwnPassesTheCoreRuleSet) {
  const auto rules = RuleSet::load({SPOA_RULES "/main.conf"});
  ASSERT_TRUE(rules) << rules.error().text;
  const Request response = page("<html><body>Welcome to our shop</body></html>");
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(*rules), borrowed(response));
  transaction.stand_in_for_request();
  const Findings findings = transaction.inspect_response(response, progress);
  EXPECT_FALSE(findings.intervention);
  EXPECT_EQ(ids(findings.matches), "");
}

TEST(Response, GivesUpBetweenPhases) {
  const Request request = request_of("GET", "/");
  Progress progress;
  Transaction transaction(test_engine(), 0, profile_of(rules_of(kRules)),
                          borrowed(request));
  transaction.inspect_request(progress);
  progress.give_up();
  const Findings findings = transaction.inspect_response(page("a leak"), progress);
  EXPECT_EQ(findings.failure, Failure::kTimeout);
  EXPECT_EQ(findings.phase, 3);
}

}  // namespace
}  // namespace spoa::inspect
