#include "event_line.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace spoa::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHost = "shop.example";

std::shared_ptr<Request> request_of(std::string uri) {
  auto request = std::make_shared<Request>();
  request->id = "id-1";
  request->method = "GET";
  request->uri = std::move(uri);
  request->version = "1.1";
  request->headers = {{"host", kHost}};
  request->client = {"192.0.2.7", 4711};
  return request;
}

RuleMatch rule_of(std::int64_t id) {
  RuleMatch match;
  match.id = id;
  match.message = "SQL Injection";
  match.data = "Matched Data: s&1c found within ARGS:q: 1' or 1";
  match.severity = 2;
  match.phase = 2;
  match.tags = {"attack-sqli", "OWASP_CRS"};
  match.file = "/etc/rules.conf";
  match.line = 7;
  match.variable = "ARGS:q";
  return match;
}

Event event_of(std::string uri) {
  Event event;
  event.time =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1795435200123));
  event.message = request_of(std::move(uri));
  event.app = "shop";
  event.verdict = {Action::kDeny, 403, "", Reason::kRules};
  event.findings.matches = {rule_of(942100)};
  event.findings.anomaly_score = 5;
  event.findings.phase = 2;
  event.findings.inspect_time = std::chrono::microseconds(812);
  event.findings.queue_time = std::chrono::microseconds(40);
  event.ruleset = 3;
  return event;
}

Json parsed(const Event& event) {
  const std::string line = to_json_line(event);
  EXPECT_LE(line.size(), kMaxLineBytes);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, ended";
  return Json::parse(line);
}

TEST(ToJsonLine, SpellsEveryKeyInOrder) {
  EXPECT_EQ(
      to_json_line(event_of("/?q=1")),
      R"({"time":"2026-11-23T12:00:00.123Z","id":"id-1","app":"shop",)"
      R"("client":"192.0.2.7","client_port":4711,"method":"GET","host":"shop.example",)"
      R"("uri":"/?q=1","version":"1.1","status":403,"action":"deny","reason":"rules",)"
      R"("phase":2,"anomaly_score":5,"ruleset":3,"inspect_us":812,"queue_us":40,)"
      R"("body_bytes":0,"body_truncated":false,"body_fault":"none","exceeded":"none","rules":[{"id":942100,)"
      R"("msg":"SQL Injection","data":"Matched Data: s&1c found within ARGS:q: 1' or 1",)"
      R"("severity":2,"phase":2,"tags":["attack-sqli","OWASP_CRS"],)"
      R"("file":"/etc/rules.conf","line":7,"variable":"ARGS:q"}],"shadow":false})"
      "\n");
}

// The manual's example is a line we write, key by key.
TEST(ToJsonLine, HasTheKeysOfTheManualsExample) {
  std::ifstream file(SPOA_DOCS "/events.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "```json\n";
  const std::size_t at = text.find(begin);
  ASSERT_NE(at, std::string::npos);
  const std::size_t from = at + begin.size();
  const Json example = Json::parse(text.substr(from, text.find("```", from) - from));
  const Json line = parsed(event_of("/"));
  const auto keys = [](const Json& object) {
    std::vector<std::string> names;
    for (const auto& item : object.items()) names.push_back(item.key());
    return names;
  };
  EXPECT_EQ(keys(line), keys(example));
  EXPECT_EQ(keys(line["rules"][0]), keys(example["rules"][0]));
  for (const std::string& key : keys(line)) {
    EXPECT_NE(text.find("| `" + key + "` |"), std::string::npos)
        << key << " is not described";
  }
}

TEST(ToJsonLine, PadsMillisecondsAndTakesTimesBeforeTheEpoch) {
  Event event = event_of("/");
  event.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(5));
  EXPECT_EQ(parsed(event)["time"], "1970-01-01T00:00:00.005Z");
  event.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(-1));
  EXPECT_EQ(parsed(event)["time"], "1969-12-31T23:59:59.999Z");
}

TEST(ToJsonLine, MasksTheUriTheHostAndTheRules) {
  Event event = event_of("/login?password=hunter2&n=4111111111111111");
  event.findings.matches[0].variable = "ARGS:password";
  event.findings.matches[0].data =
      "Matched Data: hunter2 found within ARGS:password: hunter2";
  event.findings.matches[0].tags = {"token=hunter2"};
  const std::string line = to_json_line(event);
  EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
  EXPECT_EQ(line.find("4111"), std::string::npos) << line;
  EXPECT_EQ(Json::parse(line)["uri"], "/login?password=***&n=***");
}

TEST(ToJsonLine, GivesTheStatusTheClientGets) {
  Event event = event_of("/");
  event.verdict = {Action::kAllow, 0, "", Reason::kRules};
  EXPECT_EQ(parsed(event)["status"], 0);
  auto response = request_of("/");
  response->response_status = 500;
  event.message = response;
  EXPECT_EQ(parsed(event)["status"], 500);
  event.verdict = {Action::kDeny, 403, "", Reason::kRules};
  EXPECT_EQ(parsed(event)["status"], 403);
}

TEST(ToJsonLine, ReplacesBytesThatAreNotUtf8AndEscapesTheRest) {
  auto request = request_of("/\xff\xfe\n\x1b[31m\xC2\x9B");
  Event event = event_of("/");
  event.message = request;
  const std::string line = to_json_line(event);
  for (const char c : line.substr(0, line.size() - 1)) {
    EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
  }
  EXPECT_EQ(Json::parse(line)["uri"], "/\xEF\xBF\xBD\xEF\xBF\xBD\n\x1b[31m\xC2\x9B");
}

TEST(ToJsonLine, TakesAnEventWithoutARequest) {
  Event event;
  event.app = "shop";
  event.verdict = {Action::kAllow, 0, "", Reason::kBadRequest};
  const Json json = parsed(event);
  EXPECT_EQ(json["id"], "");
  EXPECT_EQ(json["reason"], "bad-request");
  EXPECT_EQ(json["rules"], Json::array());
}

TEST(ToJsonLine, CutsALongUriAndSaysSo) {
  const Json json = parsed(event_of("/" + std::string(9000, 'x')));
  EXPECT_EQ(json["uri"], "/" + std::string(4095, 'x') + "...[cut, 9001 bytes]");
}

TEST(ToJsonLine, CountsTheRulesItLeavesOut) {
  Event event = event_of("/");
  event.findings.matches.assign(kMaxRules + 7, rule_of(1));
  const Json json = parsed(event);
  EXPECT_EQ(json["rules"].size(), kMaxRules);
  EXPECT_EQ(json["rules_omitted"], 7);
}

// The worst a sender can do: every byte takes six, in every field, in a hundred rules.
TEST(ToJsonLine, NamesEveryRuleHoweverLongTheTexts) {
  const std::string hostile(100'000, '\x01');
  Event event = event_of(hostile);
  auto request = request_of(hostile);
  request->id = hostile;
  request->method = hostile;
  request->version = hostile;
  request->client.ip = hostile;
  request->headers = {{"host", hostile}};
  event.message = request;
  event.app = hostile;
  event.findings.matches.clear();
  for (std::size_t i = 0; i < kMaxRules; ++i) {
    RuleMatch match = rule_of(9'000'000'000'000'000'000 + static_cast<std::int64_t>(i));
    match.message = match.data = match.variable = match.file = hostile;
    match.tags.assign(50, hostile);
    match.severity = match.phase = match.line = -2'000'000'000;
    event.findings.matches.push_back(match);
  }
  const Json json = parsed(event);
  ASSERT_EQ(json["rules"].size(), kMaxRules);
  for (std::size_t i = 0; i < kMaxRules; ++i) {
    EXPECT_EQ(json["rules"][i]["id"], event.findings.matches[i].id);
  }
  EXPECT_EQ(json["rules"][kMaxRules - 1]["data"], "...[cut]");
}

TEST(IsDue, WantsEventsForMatchesRefusalsAndWhatWasNotInspected) {
  Findings quiet;
  Findings matched;
  matched.matches.resize(1);
  EXPECT_FALSE(is_due({Action::kAllow, 0, "", Reason::kClean}, quiet, false));
  EXPECT_TRUE(is_due({Action::kAllow, 0, "", Reason::kRules}, matched, false));
  EXPECT_TRUE(is_due({Action::kDeny, 403, "", Reason::kClean}, quiet, false))
      << "a rule with nolog";
  EXPECT_TRUE(is_due({Action::kAllow, 0, "", Reason::kOverload}, quiet, false));
  Findings partly;
  partly.body_truncated = true;
  EXPECT_TRUE(is_due({Action::kAllow, 0, "", Reason::kClean}, partly, false));
  EXPECT_FALSE(is_due({Action::kAllow, 0, "", Reason::kClean}, partly, true))
      << "large responses are always cut";
  EXPECT_TRUE(is_due({Action::kAllow, 0, "", Reason::kEngineError}, quiet, false));
}

}  // namespace
}  // namespace spoa::report
