// What the rules' own texts may say about a match in a secret place.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "mask.h"

namespace spoa::report {
namespace {

RuleMatch match_of(std::string variable, std::string data, std::string message = "msg") {
  RuleMatch match;
  match.variable = std::move(variable);
  match.data = std::move(data);
  match.message = std::move(message);
  return match;
}

std::string data_of(std::string variable, std::string data) {
  return mask_match(match_of(std::move(variable), std::move(data))).data;
}

TEST(MaskMatch, HidesBothValuesOfTheCoreRuleSetsUsualForm) {
  EXPECT_EQ(
      data_of("ARGS:password", "Matched Data: unter found within ARGS:password: hunter2"),
      "Matched Data: *** found within ARGS:password: ***");
  EXPECT_EQ(data_of("REQUEST_COOKIES:sid",
                    "Matched Data: s&1c found within REQUEST_COOKIES:sid: a' or 1=1"),
            "Matched Data: *** found within REQUEST_COOKIES:sid: ***");
}

TEST(MaskMatch, HidesTheOtherForms) {
  EXPECT_EQ(data_of("ARGS:pw", "hunter2"), "***");
  EXPECT_EQ(data_of("ARGS:pw", "ARGS:pw=hunter2"), "ARGS:pw=***");
  EXPECT_EQ(data_of("ARGS:pw", "Matched Data: hunter2"), "***");
  EXPECT_EQ(data_of("ARGS:pw", ""), "");
}

TEST(MaskMatch, BelievesTheDataWhenTheMatchNamesNoVariable) {
  EXPECT_EQ(data_of("", "Matched Data: hunter found within ARGS:password: hunter2"),
            "Matched Data: *** found within ARGS:password: ***");
  EXPECT_EQ(
      data_of("TX:1", "Matched Data: a found within REQUEST_HEADERS:Authorization: a b"),
      "Matched Data: *** found within REQUEST_HEADERS:Authorization: ***");
}

TEST(MaskMatch, FindsTheVariableBehindMoreThanIsWritten) {
  const std::string data =
      "Matched Data: " + std::string(3000, 'x') + " found within ARGS:password: hunter2";
  EXPECT_EQ(data_of("", data), "Matched Data: *** found within ARGS:password: ***");
}

TEST(MaskMatch, IsNotDeceivedByAValueThatLooksLikeTheForm) {
  const MaskedMatch masked = mask_match(match_of(
      "ARGS:pw",
      "Matched Data: a found within ARGS:q: b found within ARGS:pw: a found within"));
  EXPECT_EQ(masked.data, "Matched Data: *** found within ARGS:pw: ***");
}

TEST(MaskMatch, KeepsTheDataOfOrdinaryVariables) {
  const std::string data = "Matched Data: s&1c found within ARGS:q: 1' or '1'='1";
  EXPECT_EQ(data_of("ARGS:q", data), data);
}

TEST(MaskMatch, HidesSecretsInsideOrdinaryVariables) {
  EXPECT_EQ(data_of("REQUEST_BODY", "user=a&password=hunter2&b=1"),
            "user=a&password=***&b=1");
  EXPECT_EQ(data_of("REQUEST_LINE", "GET /?token=x HTTP/1.1"), "GET /?token=***");
  EXPECT_EQ(data_of("ARGS:doc", R"({"pwd":"x"})"), R"({"pwd":"***"})");
  EXPECT_EQ(data_of("ARGS:n", "4111 1111 1111 1111"), "***");
}

TEST(MaskMatch, KeepsTheVariablesName) {
  for (const std::string name : {"ARGS:password", "REQUEST_COOKIES:sid",
                                 "REQUEST_HEADERS:Authorization", "ARGS_NAMES:token"}) {
    EXPECT_EQ(mask_match(match_of(name, "x")).variable, name);
  }
}

// A client that sends JSON as a form: the whole document becomes a parameter's name.
TEST(MaskMatch, HidesASecretInsideAVariablesName) {
  const MaskedMatch masked = mask_match(
      match_of(R"(ARGS:{"password":"hunter2"})",
               R"(Matched Data: x found within ARGS:{"password":"hunter2"}: )"));
  EXPECT_EQ(masked.variable, R"(ARGS:{"password":"***"})");
  EXPECT_EQ(masked.data.find("hunter2"), std::string::npos) << masked.data;
}

TEST(MaskMatch, HidesTheValueWhereTheMessageQuotesIt) {
  const auto message = [](std::string data, std::string text) {
    return mask_match(match_of("ARGS:password", std::move(data), std::move(text)))
        .message;
  };
  EXPECT_EQ(message("hunter2", "bad value (hunter2)"), "bad value (***)");
  EXPECT_EQ(
      message("Matched Data: u found within ARGS:password: hunter2", "bad: hunter2!"),
      "bad: ***!");
  EXPECT_EQ(message("ARGS:password=hunter2", "hunter2 hunter2"), "*** ***");
  EXPECT_EQ(message("abc", "the abc of attacks"), "the abc of attacks")
      << "too short to tell";
}

TEST(MaskMatch, HidesTheBeginningOfAValueThatTheMessageCuts) {
  const std::string value(3000, 'x');
  const MaskedMatch masked =
      mask_match(match_of("ARGS:password", value, "bad: " + value));
  EXPECT_EQ(masked.message, "bad: ***...[cut, 3005 bytes]");
}

TEST(MaskMatch, CutsLongTexts) {
  const MaskedMatch masked = mask_match(match_of(
      "ARGS:" + std::string(5000, 'q'), std::string(5000, 'x'), std::string(5000, 'y')));
  EXPECT_EQ(masked.data, std::string(1024, 'x') + "...[cut, 5000 bytes]");
  EXPECT_EQ(masked.message, std::string(1024, 'y') + "...[cut, 5000 bytes]");
  EXPECT_EQ(masked.variable, "ARGS:" + std::string(251, 'q') + "...[cut, 5005 bytes]");
}

}  // namespace
}  // namespace spoa::report
