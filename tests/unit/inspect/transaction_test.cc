#include "transaction.h"

#include <string>

#include "rules.h"

namespace spoa::inspect {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

bool denied(const Findings& findings) { return findings.intervention.has_value(); }

TEST(Transaction, FindsNothingInACleanRequest) {
  const auto rules = rules_of("SecRule ARGS \"@contains evil\" \"id:1,phase:2,deny\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/?q=good"));
  EXPECT_FALSE(denied(findings));
  EXPECT_TRUE(findings.matches.empty());
  EXPECT_FALSE(findings.failure);
  EXPECT_EQ(findings.phase, 2);
}

TEST(Transaction, ReportsTheMatchWithItsPlaceAndVariable) {
  const RulesFile file(
      "SecRule ARGS \"@contains evil\" \"id:7,phase:2,deny,status:406,log,msg:'Evil "
      "%{MATCHED_VAR}',"
      "logdata:'in %{MATCHED_VAR_NAME}',severity:'CRITICAL',tag:'a',tag:'b'\"\n");
  const auto rules = RuleSet::load({file.path()});
  ASSERT_TRUE(rules);
  const Findings findings = inspect(*rules, request_of("GET", "/?ok=1&q=evil"));
  ASSERT_TRUE(denied(findings));
  EXPECT_EQ(findings.intervention->status, 406);
  EXPECT_EQ(findings.intervention->phase, 2);
  ASSERT_EQ(findings.matches.size(), 1U);
  const RuleMatch& match = findings.matches[0];
  EXPECT_EQ(match.id, 7);
  EXPECT_EQ(match.message, "Evil evil");
  EXPECT_EQ(match.data, "in ARGS:q");
  EXPECT_EQ(match.variable, "ARGS:q");
  EXPECT_EQ(match.severity, 2);
  EXPECT_EQ(match.phase, 2);
  EXPECT_EQ(match.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(match.file, file.path());
  EXPECT_EQ(match.line, 3);
}

TEST(Transaction, NamesTheVariableOfEachMatch) {
  const auto rules = rules_of(
      "SecRule ARGS \"@contains one\" \"id:1,phase:2,pass,log,msg:'m'\"\n"
      "SecRule REQUEST_HEADERS:User-Agent \"@contains two\" "
      "\"id:2,phase:2,pass,log,msg:'m'\"\n"
      "SecRule ARGS \"@detectSQLi\" \"id:3,phase:2,deny,log,msg:'m'\"\n");
  const Findings findings = inspect(
      rules, request_of("GET", "/?a=one&b=1'%20or%201=1--", {{"user-agent", "two"}}));
  ASSERT_EQ(findings.matches.size(), 3U);
  EXPECT_EQ(findings.matches[0].variable, "ARGS:a");
  EXPECT_EQ(findings.matches[1].variable, "REQUEST_HEADERS:user-agent");
  EXPECT_EQ(findings.matches[2].variable, "ARGS:b");
}

// The library hands these messages out before it has read the rule's tags.
TEST(Transaction, KnowsTheTagsOfRulesWithMultiMatch) {
  const auto rules = rules_of(
      "SecRule ARGS \"@contains evil\" "
      "\"id:7,phase:2,pass,log,multiMatch,t:none,t:lowercase,"
      "msg:'m',tag:'a'\"\n",
      {{}, {{7, {"a"}}}});
  const Findings findings = inspect(rules, request_of("GET", "/?q=evil"));
  ASSERT_FALSE(findings.matches.empty());
  EXPECT_EQ(findings.matches[0].tags, (std::vector<std::string>{"a"}));
}

TEST(Transaction, StopsAtTheFirstIntervention) {
  const auto rules = rules_of(
      "SecRule REQUEST_URI \"@contains evil\" \"id:1,phase:1,deny,log,msg:'first'\"\n"
      "SecAction \"id:2,phase:2,pass,log,msg:'second'\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/evil"));
  EXPECT_EQ(findings.phase, 1);
  EXPECT_EQ(findings.matches.size(), 1U);
}

TEST(Transaction, StopsBetweenPhasesWhenGivenUp) {
  const auto rules = rules_of("SecAction \"id:1,phase:2,deny\"\n");
  Progress progress;
  progress.give_up();
  const Request request = request_of("GET", "/");
  Transaction transaction(test_engine(), 0, profile_of(rules), borrowed(request));
  const Findings findings = transaction.inspect_request(progress);
  EXPECT_EQ(findings.failure, Failure::kTimeout);
  EXPECT_FALSE(denied(findings));
}

TEST(Transaction, ReportsWithoutDenyingInDetectionOnly) {
  const auto rules = rules_of(
      "SecRuleEngine DetectionOnly\n"
      "SecRule ARGS \"@contains evil\" \"id:1,phase:2,deny,log,msg:'m'\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/?q=evil"));
  EXPECT_FALSE(denied(findings));
  EXPECT_EQ(findings.matches.size(), 1U);
}

TEST(Transaction, SeesRedirectsAndDrops) {
  const auto rules = rules_of(
      "SecRule ARGS:a \"@streq r\" "
      "\"id:1,phase:2,redirect:https://shop/no,log,msg:'m'\"\n"
      "SecRule ARGS:a \"@streq d\" \"id:2,phase:2,drop,log,msg:'m'\"\n",
      {{2}, {}});
  EXPECT_EQ(inspect(rules, request_of("GET", "/?a=r")).intervention->redirect_url,
            "https://shop/no");
  EXPECT_TRUE(inspect(rules, request_of("GET", "/?a=d")).intervention->drop);
}

TEST(Transaction, ReadsTheScoreUnderBothNames) {
  const auto crs3 =
      rules_of("SecAction \"id:1,phase:1,pass,nolog,setvar:tx.anomaly_score=8\"\n");
  const auto crs4 = rules_of(
      "SecAction "
      "\"id:1,phase:1,pass,nolog,setvar:tx.blocking_inbound_anomaly_score=5\"\n");
  EXPECT_EQ(inspect(crs3, request_of("GET", "/")).anomaly_score, 8);
  EXPECT_EQ(inspect(crs4, request_of("GET", "/")).anomaly_score, 5);
}

TEST(Transaction, HandsHaproxysValuesToTheRules) {
  const auto rules = rules_of(
      "SecRule TX:rate \"@gt 100\" \"id:1,phase:1,pass,log,msg:'%{TX.rate}'\"\n"
      "SecRule TX:Client_CN \"@streq Ada\" \"id:2,phase:1,pass,log,msg:'cn'\"\n"
      "SecRule TX:a.b-c \"@streq 1\" \"id:3,phase:1,pass,log,msg:'dots'\"\n"
      "SecRule TX:ja3 \"@streq known\" \"id:4,phase:1,pass,log,msg:'ja3'\"\n"
      "SecRule &TX:absent \"@eq 0\" \"id:5,phase:1,pass,log,msg:'absent'\"\n"
      "SecRule TX:context_dropped \"@eq 2\" \"id:6,phase:1,deny,log,msg:'less'\"\n");
  Request request = request_of("GET", "/");
  request.context.values = {
      {"rate", "101"}, {"client_cn", "Ada"}, {"a.b-c", "1"}, {"ja3", "said"}};
  request.context.dropped = {2, 0, 0};
  request.context.ja3.text = "known";
  const Findings findings = inspect(rules, request);
  ASSERT_EQ(findings.matches.size(), 6U);
  EXPECT_EQ(findings.matches[0].message, "101");
  ASSERT_TRUE(denied(findings));
  EXPECT_EQ(findings.intervention->rule_id, 6);
}

// Nobody but the agent knows whether HAProxy's buffer cut the body.
TEST(Transaction, LetsNoValueHideWhatTheAgentFound) {
  const auto rules = rules_of(
      "SecRule TX:body_truncated \"@eq 1\" \"id:1,phase:1,pass,log,msg:'cut'\"\n");
  Request request = request_of("GET", "/");
  request.context.values = {{"body_truncated", "0"}};
  request.body_truncated = true;
  EXPECT_EQ(inspect(rules, request).matches.size(), 1U);
}

TEST(Transaction, NamesNoDecidingRuleThatDoesNotLog) {
  const auto rules = rules_of("SecAction \"id:1,phase:1,deny,nolog\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/"));
  ASSERT_TRUE(denied(findings));
  EXPECT_EQ(findings.intervention->rule_id, 0);
}

TEST(Transaction, HandsAddressesToTheRules) {
  const auto rules = rules_of(
      "SecRule REMOTE_ADDR \"@ipMatch 192.0.2.0/24\" "
      "\"id:1,phase:1,pass,log,msg:'%{REMOTE_PORT}'\"\n"
      "SecRule SERVER_ADDR \"@ipMatch 2001:db8::/32\" "
      "\"id:2,phase:1,pass,log,msg:'%{SERVER_PORT}'\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/"));
  ASSERT_EQ(findings.matches.size(), 2U);
  EXPECT_EQ(findings.matches[0].message, "40000");
  EXPECT_EQ(findings.matches[1].message, "443");
}

TEST(Transaction, KeepsDuplicateHeadersAndEveryByte) {
  const auto rules = rules_of(
      "SecRule &REQUEST_HEADERS:x-twin \"@eq 2\" \"id:1,phase:1,pass,log,msg:'twins'\"\n"
      "SecRule REQUEST_HEADERS:x-nul \"@contains behind\" "
      "\"id:2,phase:1,deny,log,msg:'m'\"\n");
  const Findings findings = inspect(
      rules, request_of("GET", "/",
                        {{"x-twin", "a"}, {"x-twin", "b"}, {"x-nul", "a\0behind"sv}}));
  EXPECT_TRUE(denied(findings));
  EXPECT_EQ(findings.matches.size(), 2U);
}

// The library splits these two, and used to look at the first part unasked.
TEST(Transaction, SurvivesEmptyHeaders) {
  const auto rules = rules_of("SecAction \"id:1,phase:1,pass,log,msg:'seen'\"\n");
  const Findings findings = inspect(rules, request_of("GET", "/",
                                                      {{"host", ""},
                                                       {"authorization", ""},
                                                       {"cookie", ""},
                                                       {"", ""},
                                                       {"content-type", ""}}));
  EXPECT_EQ(findings.matches.size(), 1U);
}

TEST(Transaction, InspectsOddRequestLines) {
  const auto rules = rules_of("SecAction \"id:1,phase:2,deny,log,msg:'seen'\"\n");
  EXPECT_TRUE(denied(inspect(rules, request_of("OPTIONS", "*"))));
  EXPECT_TRUE(denied(inspect(rules, request_of("CONNECT", "shop:443"))));
  EXPECT_TRUE(denied(inspect(rules, request_of("BREW", ""))));
  EXPECT_TRUE(denied(inspect(rules, request_of("GET", "/\xff\xfe%zz?&=&&"))));
}

const std::string kBodyRules =
    "SecRule REQUEST_HEADERS:Content-Type \"@contains json\" "
    "\"id:10,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
    "SecRule TX:body_truncated \"@eq 1\" \"id:11,phase:1,pass,log,msg:'cut'\"\n"
    "SecRule REQBODY_ERROR \"!@eq 0\" \"id:12,phase:2,deny,status:400\"\n"
    "SecRule ARGS|REQUEST_BODY \"@contains <script\" \"id:13,phase:2,deny,status:403\"\n";

TEST(Transaction, FindsAttacksInFormsAndJson) {
  const auto rules = rules_of(kBodyRules);
  EXPECT_TRUE(denied(inspect(
      rules,
      request_of("POST", "/", {{"content-type", "application/x-www-form-urlencoded"}},
                 "a=1&b=%3Cscript"))));
  EXPECT_TRUE(denied(
      inspect(rules, request_of("POST", "/", {{"content-type", "application/json"}},
                                R"({"a":["\u003cscript"]})"))));
}

// The library does not look at it: no ARGS.
TEST(Transaction, FindsAttacksInABodyWithoutAContentType) {
  const auto rules = rules_of(kBodyRules);
  EXPECT_TRUE(denied(inspect(rules, request_of("POST", "/", {}, "a=%3Cscript"))));
}

// A cut body does not parse. That is HAProxy's buffer, not an attack; an attack in it is.
TEST(Transaction, SearchesCutBodiesWithoutBlamingTheCut) {
  const auto rules = rules_of(kBodyRules);
  Request clean = request_of("POST", "/", {{"content-type", "application/json"}},
                             R"({"a":"long text th)");
  EXPECT_TRUE(denied(inspect(rules, clean))) << "not said to be cut: malformed";
  clean.body_truncated = true;
  const Findings findings = inspect(rules, clean);
  EXPECT_FALSE(denied(findings));
  ASSERT_EQ(findings.matches.size(), 1U);
  EXPECT_EQ(findings.matches[0].message, "cut");

  Request hostile = request_of("POST", "/", {{"content-type", "application/json"}},
                               R"({"a":"<script>aler)");
  hostile.body_truncated = true;
  const Findings found = inspect(rules, hostile);
  ASSERT_TRUE(denied(found));
  EXPECT_EQ(found.intervention->status, 403);
}

TEST(Transaction, RunsThePhaseForLoggingAfterTheVerdict) {
  const auto rules = rules_of("SecAction \"id:1,phase:5,pass,log,msg:'late'\"\n");
  EXPECT_TRUE(inspect(rules, request_of("GET", "/")).matches.empty())
      << "phase 5 is not part of the verdict";
}

}  // namespace
}  // namespace spoa::inspect
