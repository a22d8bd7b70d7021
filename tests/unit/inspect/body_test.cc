// Bodies through the real library: cut ones, coded ones, too large ones.
#include "body.h"

#include <string>
#include <vector>

#include "coded.h"
#include "rules.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

using namespace std::string_literals;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kXml = "application/xml";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data; boundary=----Bound1";

/// The project's rules with the Core Rule Set, and what ModSecurity's own
/// modsecurity.conf says about bodies that do not parse.
const std::shared_ptr<const RuleSet>& core_rules() {
  static const auto rules =
      rules_of("Include " SPOA_RULES
               "/main.conf\n"
               "SecRule REQBODY_ERROR \"!@eq 0\" "
               "\"id:200002,phase:2,t:none,log,deny,status:400,msg:'not parsed'\"\n"
               "SecRule MULTIPART_STRICT_ERROR \"!@eq 0\" "
               "\"id:200003,phase:2,t:none,log,deny,status:400,msg:'not strict'\"\n"
               "SecRule MULTIPART_UNMATCHED_BOUNDARY \"@eq 1\" "
               "\"id:200004,phase:2,t:none,log,deny,status:400,msg:'unmatched'\"\n");
  return rules;
}

Request post(std::string_view type, std::string_view body) {
  std::vector<Header> headers{{"host", "shop.example"},
                              {"user-agent", "Mozilla/5.0"},
                              {"accept", "*/*"},
                              {"content-length", "100000"}};
  if (!type.empty()) headers.push_back({"content-type", type});
  return request_of("POST", "/api/items", std::move(headers), body);
}

Request cut(std::string_view type, std::string_view body) {
  Request request = post(type, body);
  request.body_truncated = true;
  return request;
}

Findings inspect(const Request& request, const BodyLimits& limits = {},
                 const std::shared_ptr<const RuleSet>& rules = core_rules()) {
  return inspect(rules, request, limits);
}

std::string ids(const Findings& findings) {
  std::string text;
  for (const RuleMatch& match : findings.matches) {
    text += std::to_string(match.id) + " " + match.data + "; ";
  }
  return text;
}

/// Cut at every place in the window, none of the rules has anything to say.
void expect_clean(std::string_view type, std::string_view body, std::size_t from,
                  std::size_t to) {
  ASSERT_LE(to, body.size());
  ASSERT_EQ(ids(inspect(post(type, body))), "") << "whole";
  for (std::size_t length = from; length < to; ++length) {
    const Findings findings = inspect(cut(type, body.substr(0, length)));
    EXPECT_TRUE(findings.body_truncated);
    ASSERT_EQ(ids(findings), "") << body.substr(0, length);
  }
}

std::string parts(std::vector<std::pair<std::string, std::string>> list) {
  std::string body;
  for (const auto& [name, value] : list) {
    body += "------Bound1\r\nContent-Disposition: form-data; name=\"" + name +
            "\"\r\n\r\n" + value + "\r\n";
  }
  return body;
}

TEST(CutBodies, RaiseNoRuleWhereverTheyAreCut) {
  const std::string json =
      R"({"order":{"id":4711,"total":-12.5e1,"paid":false,"note":null,"items":[)"
      R"({"name":"Zo\u00eb \ud83d\ude00","tags":["a", "b"]}, [1, 2]]},"to":"K\u00f6ln \"x\""})";
  expect_clean(kJson, json, 1, json.size());
  const std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- an order -->\n"
      "<order xmlns:s=\"urn:shop\" id='4711'><s:item n=\"1\">Tea &amp; milk</s:item>"
      "<note><![CDATA[as ever]]></note><empty/><?print two?>caf\xc3\xa9</order>\n";
  expect_clean(kXml, xml, 1, xml.size());
  const std::string multipart =
      parts({{"title", "Holiday"}, {"text", "two\r\nlines\r\n-- \r\nand --more"}}) +
      "------Bound1\r\nContent-Disposition: form-data; name=\"file\"; "
      "filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0 jpeg\r\n"
      "------Bound1--\r\n";
  expect_clean(kMultipart, multipart, 1, multipart.size());
  expect_clean(kForm, "name=Zo%C3%AB&city=K%C3%B6ln&n=1", 1, 32);
}

TEST(CutBodies, AreSearchedForAttacks) {
  const std::string sql = "1' UNION SELECT name, password FROM users-- ";
  const std::string script = "<script>alert(document.cookie)</script>";
  const std::string xml_script = "&lt;script&gt;alert(document.cookie)&lt;/script&gt;";
  using Texts = std::vector<std::pair<std::string_view, std::string>>;
  for (const std::string& attack : {sql, script}) {
    for (const auto& [type, body] :
         Texts{{kJson, "{\"a\":[\"" + attack + "\",{\"b\":\"more te"},
               {kJson, "{\"a\":\"" + attack},
               {kMultipart, parts({{"a", attack}}) + "------Bound1\r\nContent-Dispo"},
               {kMultipart, parts({{"a", attack}, {"b", "cut here"}}).substr(0, 130)},
               {kForm, "a=" + attack},
               {"", "a=" + attack + "&b=%"}}) {
      EXPECT_TRUE(inspect(cut(type, body)).intervention) << body;
    }
  }
  for (const std::string& attack : {sql, xml_script}) {
    for (const std::string& body : {"<a><b>" + attack + "</b><c>mo", "<a><b>" + attack,
                                    "<a>" + attack + "<c d=\"e"}) {
      EXPECT_TRUE(inspect(cut(kXml, body)).intervention) << body;
    }
  }
}

TEST(CutBodies, ThatWereMalformedBeforeTheCutAreSearchedAndRefused) {
  for (const auto& [type, body] : std::vector<std::pair<std::string_view, std::string>>{
           {kJson, "{\"a\" 1, \"b\":\"text"},
           {kXml, "<a><b></a><c>text"},
           {kMultipart, "------Bound1\r\nno header\r\n\r\ntext"}}) {
    const Findings findings = inspect(cut(type, body));
    ASSERT_TRUE(findings.intervention) << body;
    EXPECT_EQ(findings.intervention->status, 400) << ids(findings);
  }
  // Where the rules do not care, what it holds is found all the same.
  const auto rules = rules_of(
      "SecRule REQUEST_HEADERS:Content-Type \"@contains json\" "
      "\"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
      "SecRule ARGS|ARGS_NAMES \"@contains <script\" \"id:2,phase:2,deny,status:403\"\n");
  EXPECT_TRUE(inspect(cut(kJson, "{'a':'<script>aler"), {}, rules).intervention);
}

// The library puts the lines of a value together: UNION and SELECT were one word.
TEST(MultipartBodies, KeepTheLinesOfAValueApart) {
  const auto rules = rules_of("SecAction \"id:1,phase:2,pass,log,msg:'=%{ARGS.a}'\"\n");
  const auto value = [&](const std::string& sent) {
    const std::string body = parts({{"a", sent}, {"b", "x"}}) + "------Bound1--\r\n";
    const Findings findings = inspect(post(kMultipart, body), {}, rules);
    return findings.matches.empty() ? "(none)" : findings.matches[0].message.substr(1);
  };
  EXPECT_EQ(value("1' UNION\r\nSELECT"), "1' UNION\r\rSELECT");
  EXPECT_EQ(value("1' UNION\nSELECT"), "1' UNION\rSELECT");
  EXPECT_EQ(value("UNION\n-- \nSELECT"), "UNION\r-- \rSELECT");
  EXPECT_EQ(value("one line"), "one line");
  EXPECT_EQ(value("\r\n"), "\r\r");
  EXPECT_EQ(value(""), "");
  const std::string attack =
      parts({{"a", "1'\r\nUNION\r\nSELECT\r\nname\r\nFROM\r\nusers"}});
  EXPECT_TRUE(inspect(post(kMultipart, attack + "------Bound1--\r\n")).intervention);
  EXPECT_TRUE(inspect(cut(kMultipart, attack)).intervention);
}

TEST(CodedBodies, AreDecodedBeforeTheRulesSeeThem) {
  const auto rules = rules_of(
      "SecRule ARGS:a \"@streq evil\" \"id:1,phase:2,deny,status:403,log,msg:'m'\"\n");
  const std::string gzipped = gzip("b=1&a=evil");
  Request request = post(kForm, gzipped);
  EXPECT_FALSE(inspect(request, {}, rules).intervention) << "nothing says it is coded";
  request.headers.push_back({"Content-Encoding", "gzip"});
  const Findings findings = inspect(request, {}, rules);
  EXPECT_TRUE(findings.intervention);
  EXPECT_FALSE(findings.body_truncated);
  EXPECT_EQ(findings.body_fault, BodyFault::kNone);
}

TEST(CodedBodies, AreCompletedAndSaidToBeTruncatedWhenTheyHaveNoEnd) {
  const auto rules = rules_of(
      "SecRule REQUEST_HEADERS:Content-Type \"@contains json\" "
      "\"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
      "SecRule REQBODY_ERROR \"!@eq 0\" \"id:2,phase:2,deny,status:400\"\n"
      "SecRule TX:body_truncated \"@eq 1\" \"id:3,phase:2,pass,log,msg:'cut'\"\n"
      "SecRule ARGS:json.a \"@streq evil\" \"id:4,phase:2,deny,status:403\"\n");
  const std::string gzipped = gzip("{\"a\":\"evil\",\"b\":\"" + noise(5000) + "\"}");
  Request request = post(kJson, std::string_view(gzipped).substr(0, 3000));
  request.headers.push_back({"content-encoding", "gzip"});
  const Findings findings = inspect(request, {}, rules);
  ASSERT_TRUE(findings.intervention);
  EXPECT_EQ(findings.intervention->status, 403);
  ASSERT_FALSE(findings.matches.empty());
  EXPECT_EQ(findings.matches[0].message, "cut");
  EXPECT_TRUE(findings.body_truncated);
  EXPECT_EQ(findings.body_coding, ContentCoding::kGzip);
  EXPECT_EQ(findings.body_fault, BodyFault::kUnfinished);
}

// A server that does not look at Content-Encoding reads the body as it was sent.
TEST(CodedBodies, ThatAreNotWhatTheySayAreSearchedAsTheyCame) {
  for (const std::string_view coding : {"br", "gzip", "deflate, gzip"}) {
    Request request =
        post(kJson, R"({"a":"1' UNION SELECT name, password FROM users-- "})");
    request.headers.push_back({"content-encoding", coding});
    const Findings findings = inspect(request);
    EXPECT_NE(ids(findings).find("942100"), std::string::npos) << coding << ids(findings);
    EXPECT_TRUE(findings.body_truncated);
    EXPECT_NE(findings.body_fault, BodyFault::kNone);
  }
}

TEST(LargeBodies, AreReadUpToTheLimitAndSaidToBeTruncated) {
  const std::string body = "a=1&b=" + noise(5000) + "&c=evil";
  const auto rules = rules_of("SecRule ARGS:c \"@streq evil\" \"id:1,phase:2,deny\"\n");
  EXPECT_TRUE(inspect(post(kForm, body), {}, rules).intervention);
  const Findings findings = inspect(post(kForm, body), {2048, 100}, rules);
  EXPECT_FALSE(findings.intervention);
  EXPECT_TRUE(findings.body_truncated);
  EXPECT_EQ(findings.body_fault, BodyFault::kLimit);
}

// The library's answer to these is a 400 or 403 of its own, without a look at the body.
TEST(LargeBodies, AreReadUpToTheRulesOwnLimitsInsteadOfRefused) {
  for (const std::string_view limit :
       {"SecRequestBodyLimit 4096\nSecRequestBodyLimitAction Reject\n",
        "SecRequestBodyLimit 1048576\nSecRequestBodyNoFilesLimit 4096\n"}) {
    const auto rules = rules_of(
        std::string(limit) +
        "SecRule REQUEST_HEADERS:Content-Type \"@contains json\" "
        "\"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
        "SecRule REQBODY_ERROR \"!@eq 0\" \"id:2,phase:2,deny,status:400,log,msg:'m'\"\n"
        "SecRule ARGS:json.a \"@streq evil\" "
        "\"id:3,phase:2,deny,status:406,log,msg:'m'\"\n");
    const auto body_of = [](const std::string& first) {
      return "{\"a\":\"" + first + "\",\"b\":[\"" + noise(6000) + "\"]}";
    };
    const std::string clean = body_of("good");
    const Findings findings = inspect(post(kJson, clean), {}, rules);
    EXPECT_FALSE(findings.intervention) << limit << ids(findings);
    EXPECT_TRUE(findings.body_truncated);
    EXPECT_EQ(findings.body_fault, BodyFault::kLimit);
    const std::string hostile = body_of("evil");
    const Findings found = inspect(post(kJson, hostile), {}, rules);
    ASSERT_TRUE(found.intervention) << limit;
    EXPECT_EQ(found.intervention->status, 406);
  }
}

TEST(PrepareBody, GivesAViewOfWhatIsNotCoded) {
  const std::string sent = "a=1";
  const Body body = prepare_body(as_bytes(sent), "identity", {});
  EXPECT_EQ(body.bytes.data(), as_bytes(sent).data());
  EXPECT_TRUE(body.whole());
  EXPECT_FALSE(body.undecoded);
}

TEST(PrepareBody, KeepsItsViewWhenItMoves) {
  const std::string sent = gzip("short");
  Body first = prepare_body(as_bytes(sent), "gzip", {});
  const Body second = std::move(first);
  EXPECT_EQ(as_text(second.bytes), "short");
}

TEST(JoinedValues, AreThoseOfAllHeadersOfThatName) {
  const std::vector<Header> headers{
      {"Content-Encoding", "deflate"}, {"x", "y"}, {"content-encoding", "gzip"}};
  EXPECT_EQ(joined_values(headers, "content-encoding"), "deflate,gzip");
  EXPECT_EQ(joined_values(headers, "te"), "");
}

}  // namespace
}  // namespace spoa::inspect
