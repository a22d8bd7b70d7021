#include "decide.h"

#include <gtest/gtest.h>

namespace spoa::judge {
namespace {

Findings failed(Failure failure) {
  Findings findings;
  findings.failure = failure;
  return findings;
}

Findings intervened(int status, std::string url = "", bool drop = false) {
  Findings findings;
  findings.intervention = Intervention{status, std::move(url), drop, 2, 0};
  return findings;
}

Policy failing(FailurePolicy on_failure, FailurePolicy on_timeout) {
  return {on_failure, on_timeout, TruncationPolicy::kInspect};
}

TEST(Decide, AllowsWhatNoRuleMatched) {
  const Verdict verdict = decide({}, {});
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_EQ(verdict.code, 0);
  EXPECT_EQ(verdict.reason, Reason::kClean);
}

TEST(Decide, SaysWhenRulesMatchedWithoutDenying) {
  Findings findings;
  findings.matches.resize(1);
  const Verdict verdict = decide(findings, {});
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_EQ(verdict.reason, Reason::kRules);
}

TEST(Decide, DeniesWithTheStatusOfTheRule) {
  Findings findings = intervened(406);
  findings.matches.resize(1);
  const Verdict verdict = decide(findings, {});
  EXPECT_EQ(verdict.action, Action::kDeny);
  EXPECT_EQ(verdict.code, 406);
  EXPECT_EQ(verdict.reason, Reason::kRules);
}

// `rules` means that a rule that logs matched: one with `nolog` can deny all the same.
TEST(Decide, DeniesForARuleThatDoesNotLogWithoutNamingRules) {
  const Verdict verdict = decide(intervened(403), {});
  EXPECT_EQ(verdict.action, Action::kDeny);
  EXPECT_EQ(verdict.reason, Reason::kClean);
}

TEST(Decide, NeverDeniesWithSomethingThatIsNoStatus) {
  EXPECT_EQ(decide(intervened(0), {}).code, 403);
  EXPECT_EQ(decide(intervened(1000), {}).code, 403);
}

TEST(OnlyObserved, AllowsButKeepsTheReason) {
  Findings findings = intervened(302, "https://help.example/");
  findings.matches.resize(1);
  const Verdict verdict = only_observed(decide(findings, {}));
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_EQ(verdict.code, 0);
  EXPECT_TRUE(verdict.redirect_url.empty());
  EXPECT_EQ(verdict.reason, Reason::kRules);
}

TEST(Decide, RedirectsAndDrops) {
  const Verdict redirect = decide(intervened(302, "https://shop/blocked"), {});
  EXPECT_EQ(redirect.action, Action::kRedirect);
  EXPECT_EQ(redirect.code, 302);
  EXPECT_EQ(redirect.redirect_url, "https://shop/blocked");
  EXPECT_EQ(decide(intervened(403, "", true), {}).action, Action::kDrop);
}

TEST(Decide, NeverLetsAFailureLookClean) {
  for (const Failure failure :
       {Failure::kOverload, Failure::kTimeout, Failure::kBadRequest, Failure::kTruncated,
        Failure::kUnknownTransaction, Failure::kShutdown, Failure::kEngineError}) {
    const Verdict verdict = decide(failed(failure), {});
    EXPECT_NE(verdict.reason, Reason::kClean);
    EXPECT_NE(verdict.reason, Reason::kRules);
  }
}

TEST(Decide, FollowsOnFailure) {
  const Policy closed = failing(FailurePolicy::kDeny, FailurePolicy::kAllow);
  const Policy open = failing(FailurePolicy::kAllow, FailurePolicy::kDeny);
  for (const Failure failure :
       {Failure::kOverload, Failure::kBadRequest, Failure::kShutdown,
        Failure::kUnknownTransaction, Failure::kEngineError}) {
    EXPECT_EQ(decide(failed(failure), closed).action, Action::kDeny);
    EXPECT_EQ(decide(failed(failure), closed).code, 503);
    EXPECT_EQ(decide(failed(failure), open).action, Action::kAllow);
    EXPECT_EQ(decide(failed(failure), open).code, 0);
  }
}

// Its cost is the sender's choice: it must not buy its way past the rules.
TEST(Decide, DeniesATimeoutByDefault) {
  EXPECT_EQ(decide(failed(Failure::kTimeout), {}).action, Action::kDeny);
  EXPECT_EQ(decide(failed(Failure::kTimeout), {}).code, 503);
  const Policy patient = failing(FailurePolicy::kDeny, FailurePolicy::kAllow);
  EXPECT_EQ(decide(failed(Failure::kTimeout), patient).action, Action::kAllow);
}

TEST(Decide, DeniesCutBodiesWith413) {
  Policy policy;
  policy.on_truncated_body = TruncationPolicy::kDeny;
  EXPECT_EQ(decide(failed(Failure::kTruncated), policy).code, 413);
  policy.on_truncated_body = TruncationPolicy::kAllow;
  EXPECT_EQ(decide(failed(Failure::kTruncated), policy).action, Action::kAllow);
}

TEST(Decide, NeverThrowsAVerdictOfTheRulesAway) {
  Findings findings = intervened(403);
  findings.failure = Failure::kTimeout;
  EXPECT_EQ(
      decide(findings, failing(FailurePolicy::kAllow, FailurePolicy::kAllow)).action,
      Action::kDeny);
}

TEST(Unfit, IsNoOrdinaryRequest) { EXPECT_FALSE(unfit(Request{}, {})); }

TEST(Unfit, IsWhatCouldNotBeUnderstood) {
  Request request;
  request.fault = RequestFault::kUndecodable;
  EXPECT_EQ(unfit(request, {}), Failure::kBadRequest);
}

TEST(Unfit, IsNotARequestWhoseHeadersAloneAreMissing) {
  Request request;
  request.fault = RequestFault::kMissingHeaders;
  EXPECT_FALSE(unfit(request, {})) << "the rest of it can hold an attack";
}

TEST(Unfit, IsNoResponse) {
  Request response;
  response.response_status = 200;
  EXPECT_FALSE(unfit(response, {}));
}

// HAProxy must not wait for the end of a large page: what it hands over is always cut.
TEST(Unfit, IsNoResponseWhoseBodyIsCut) {
  Request response;
  response.response_status = 200;
  response.body_truncated = true;
  Policy policy;
  policy.on_truncated_body = TruncationPolicy::kDeny;
  EXPECT_FALSE(unfit(response, policy));
}

TEST(Unfit, IsACutBodyOnlyWhereTheApplicationSaysSo) {
  Request request;
  request.body_truncated = true;
  Policy policy;
  EXPECT_FALSE(unfit(request, policy));
  policy.on_truncated_body = TruncationPolicy::kAllow;
  EXPECT_EQ(unfit(request, policy), Failure::kTruncated);
}

}  // namespace
}  // namespace spoa::judge
