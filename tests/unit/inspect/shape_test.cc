#include "shape.h"

#include <string>

#include <gtest/gtest.h>

#include "rules.h"

namespace spoa::inspect {
namespace {

TEST(Shape, CountsTheFieldsOfAForm) {
  EXPECT_EQ(shape_of_form("").arguments, 0U);
  EXPECT_EQ(shape_of_form("a=1").arguments, 1U);
  EXPECT_EQ(shape_of_form("a=1&b=2&c").arguments, 3U);
  EXPECT_EQ(shape_of_form("a=1;b=2", ';').arguments, 2U);
}

TEST(Shape, CountsTheLeavesAndLevelsOfJson) {
  const Shape shape = shape_of_json(R"({"a": [1, 2, {"b": "x,[y\"]{"}], "c": null})");
  EXPECT_EQ(shape.arguments, 4U);
  EXPECT_EQ(shape.depth, 3U);
  EXPECT_EQ(shape_of_json("").arguments, 0U);
  EXPECT_EQ(shape_of_json("7").arguments, 1U);
  EXPECT_EQ(shape_of_json(std::string(100, '[') + "]]]" + std::string(5, '[')).depth,
            102U);
}

TEST(Shape, CountsThePartsOfAMultipartBody) {
  const std::string body =
      "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n--y\r\n-----BEGIN\r\n"
      "--x\r\nContent-Disposition: form-data; name=b\r\n\r\n2\r\n";
  EXPECT_EQ(shape_of_multipart(body, "x").arguments, 2U);
}

/// An application that takes three arguments, two levels deep.
Findings inspect_limited(const Request& request) {
  const auto rules = rules_of(
      "SecRuleEngine On\nSecRequestBodyAccess On\n"
      "SecRule REQUEST_HEADERS:content-type \"@contains json\" "
      "\"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
      "SecRule ARGS \"@contains evil\" \"id:2,phase:2,deny,status:403,msg:'evil'\"\n");
  Profile profile{"default", rules, {}, {}, {3, 2}};
  Progress progress;
  Transaction transaction(test_engine(), 0,
                          std::make_shared<const Profile>(std::move(profile)),
                          borrowed(request));
  Findings findings = transaction.inspect_request(progress);
  transaction.log();
  return findings;
}

Findings inspect_body(std::string uri, std::string_view type, std::string_view body) {
  return inspect_limited(
      request_of("POST", std::move(uri), {{"content-type", type}}, body));
}

TEST(RequestLimits, LetPassWhatIsWithinThem) {
  EXPECT_FALSE(inspect_body("/", "application/json", R"([1, [2, 3]])").failure);
  EXPECT_FALSE(
      inspect_body("/?a=1", "application/x-www-form-urlencoded", "b=2&c=3").failure);
  EXPECT_TRUE(inspect_body("/", "application/json", R"([1, 2, "evil"])").intervention);
}

TEST(RequestLimits, KeepARequestFromTheRulesWhoseCostItChose) {
  for (const auto& [uri, type, body, limit] :
       {std::tuple{"/?a&b&c&d", "text/plain", "", RequestLimit::kArguments},
        std::tuple{"/?a&b", "application/x-www-form-urlencoded", "c=1&d=evil",
                   RequestLimit::kArguments},
        std::tuple{"/", "", "a=1&b&c&d", RequestLimit::kArguments},
        std::tuple{"/", "application/json", "[1,2,3,4]", RequestLimit::kArguments},
        std::tuple{"/", "application/json", "[[[1]]]", RequestLimit::kDepth},
        std::tuple{"/", "multipart/form-data; boundary=x",
                   "--x\r\n\r\n--x\r\n\r\n--x\r\n\r\n--x--\r\n",
                   RequestLimit::kArguments}}) {
    const Findings findings = inspect_body(uri, type, body);
    EXPECT_EQ(findings.failure, Failure::kTimeout) << uri << ' ' << body;
    EXPECT_EQ(findings.exceeded, limit) << uri << ' ' << body;
    EXPECT_LT(findings.phase, 2) << "the rules for bodies did not run";
  }
}

}  // namespace
}  // namespace spoa::inspect
