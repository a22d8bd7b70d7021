#include "ack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "hex.h"

namespace spoa::reply {
namespace {

using wire::golden;
using wire::hex;

constexpr std::uint32_t kUsual = 16380;

Answer deny() {
  return {.frame = {1, 1},
          .verdict = {.action = Action::kDeny,
                      .code = 403,
                      .redirect_url = {},
                      .reason = Reason::kRules},
          .id = "r-17",
          .anomaly_score = 5,
          .rules_hit = 2,
          .rule_ids = "942100,949110",
          .ruleset = 3,
          .inspect_us = 1472};
}

Answer redirect(std::string url) {
  Answer answer = deny();
  answer.verdict = {Action::kRedirect, 302, std::move(url), Reason::kRules};
  return answer;
}

Buffer written(const Answer& answer, std::uint32_t max_frame_size = kUsual) {
  Buffer out;
  write_ack(answer, max_frame_size, out);
  return out;
}

std::size_t length_field(const Buffer& frame) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | frame.at(i);
  return length;
}

bool contains(const Buffer& frame, const std::vector<std::uint8_t>& bytes) {
  return std::search(frame.begin(), frame.end(), bytes.begin(), bytes.end()) !=
         frame.end();
}

/// The action sets this variable of `txn`, whatever its value.
bool sets(const Buffer& frame, const std::string& name) {
  std::vector<std::uint8_t> action = {1, 3, 2, static_cast<std::uint8_t>(name.size())};
  action.insert(action.end(), name.begin(), name.end());
  return contains(frame, action);
}

constexpr std::array kGivenUpInOrder{
    "rule_ids", "data",           "ruleid",    "ja4",           "ja3", "inspect_us",
    "ruleset",  "body_truncated", "rules_hit", "anomaly_score", "id",  "status"};

TEST(WriteAck, SetsEveryVariableOfADenial) {
  EXPECT_EQ(written(deny()), golden("ack-deny"));
}

TEST(WriteAck, SetsNeitherStatusNorDataWhenAllowed) {
  Answer answer;
  answer.frame = {0, 1};
  answer.id = "a";
  answer.ruleset = 1;
  EXPECT_EQ(written(answer), hex("0000009c 67 00000001 00 01"
                                 "01 03 02 06 \"action\" 08 05 \"allow\""
                                 "01 03 02 04 \"code\" 04 00"
                                 "01 03 02 06 \"reason\" 08 05 \"clean\""
                                 "01 03 02 02 \"id\" 08 01 \"a\""
                                 "01 03 02 0d \"anomaly_score\" 04 00"
                                 "01 03 02 09 \"rules_hit\" 04 00"
                                 "01 03 02 08 \"rule_ids\" 08 00"
                                 "01 03 02 0e \"body_truncated\" 01"
                                 "01 03 02 07 \"ruleset\" 04 01"
                                 "01 03 02 0a \"inspect_us\" 04 00"));
}

TEST(WriteAck, SetsTheUrlOfARedirectBetweenStatusAndReason) {
  EXPECT_TRUE(contains(written(redirect("https://x.test/?a=%20")),
                       hex("01 03 02 06 \"status\" 04 fe03"
                           "01 03 02 04 \"data\" 08 15 \"https://x.test/?a=%20\""
                           "01 03 02 06 \"reason\"")));
}

TEST(WriteAck, PrefixesTheVariablesOfAResponse) {
  Answer answer = deny();
  answer.response = true;
  const Buffer frame = written(answer);
  for (const char* name :
       {"action", "code", "status", "reason", "id", "anomaly_score", "rules_hit",
        "rule_ids", "body_truncated", "ruleset", "inspect_us"}) {
    EXPECT_TRUE(sets(frame, std::string("res_") + name)) << name;
    EXPECT_FALSE(sets(frame, name)) << name << " is the request's";
  }
}

// Its users test the plain names after the response, too.
TEST(WriteAck, OverwritesThePlainNamesForCorazasResponses) {
  Answer answer = deny();
  answer.response = true;
  answer.dialect = Dialect::kCoraza;
  const Buffer frame = written(answer);
  for (const char* name : {"action", "code", "status", "reason", "id"}) {
    EXPECT_TRUE(sets(frame, name)) << name;
    EXPECT_FALSE(sets(frame, std::string("res_") + name)) << name;
  }
}

TEST(WriteAck, NamesTheDecidingRuleForCorazasUsers) {
  Answer answer = deny();
  answer.rule_id = 949110;
  EXPECT_FALSE(sets(written(answer), "ruleid"));
  answer.dialect = Dialect::kCoraza;
  EXPECT_TRUE(contains(written(answer), hex("01 03 02 06 \"ruleid\" 04 f6a8ce02")));
  answer.rule_id = 0;
  EXPECT_FALSE(sets(written(answer), "ruleid")) << "a rule that does not log";
}

TEST(WriteAck, SetsFingerprintsThatAreKnown) {
  Answer answer = deny();
  EXPECT_FALSE(sets(written(answer), "ja3"));
  EXPECT_FALSE(sets(written(answer), "ja4"));
  answer.ja3 = "ab";
  answer.ja4 = "t13_x";
  EXPECT_TRUE(contains(written(answer), hex("01 03 02 03 \"ja3\" 08 02 \"ab\""
                                            "01 03 02 03 \"ja4\" 08 05 \"t13_x\"")));
}

TEST(WriteAck, EchoesIdsOfAnySize) {
  Answer answer = deny();
  answer.frame = {UINT64_MAX, 300};
  EXPECT_TRUE(
      contains(written(answer), hex("67 00000001 fff0fefefefefefefe0e fc03 0103")));
}

// HAProxy puts strings into logs and headers as they are.
TEST(WriteAck, PutsNoControlByteIntoAText) {
  Answer answer = redirect("https://x.test/\r\nSet-Cookie: a=b\x7f\xc3\xa9");
  answer.id = "a\r\nb";
  answer.rule_ids = std::string_view("1\0002", 3);
  const Buffer frame = written(answer);
  EXPECT_TRUE(
      contains(frame, hex("\"https://x.test/%0D%0ASet-Cookie:%20a=b%7F%C3%A9\"")));
  EXPECT_TRUE(contains(frame, hex("08 04 \"a??b\"")));
  EXPECT_TRUE(contains(frame, hex("08 03 \"1?2\"")));
}

TEST(WriteAck, SendsNoNegativeNumber) {
  Answer answer = deny();
  answer.anomaly_score = -7;
  answer.verdict.code = -1;
  answer.ruleset = UINT64_MAX;
  const Buffer frame = written(answer);
  EXPECT_TRUE(contains(frame, hex("\"anomaly_score\" 04 00")));
  EXPECT_TRUE(contains(frame, hex("\"code\" 04 00")));
  EXPECT_TRUE(contains(frame, hex("\"ruleset\" 04 fff0fefefefefefefe06"))) << "2^63-1";
}

TEST(WriteAck, GivesVariablesUpInTheirOrderAsFramesGetSmaller) {
  Answer answer = redirect("https://x.test/" + std::string(150, 'p'));
  answer.frame = {UINT64_MAX, UINT64_MAX};
  answer.id = std::string(120, 'i');
  answer.rule_ids = std::string(300, '9');
  answer.dialect = Dialect::kCoraza;
  answer.rule_id = 949110;
  answer.ja3 = std::string(32, 'a');
  answer.ja4 = std::string(36, 'b');
  std::size_t given_up = 0;
  for (std::uint32_t size = 1000; size >= kSmallestMaxFrameSize; --size) {
    const Buffer frame = written(answer, size);
    ASSERT_EQ(length_field(frame) + 4, frame.size());
    ASSERT_LT(length_field(frame), size);
    for (const char* name : {"action", "code", "reason"}) ASSERT_TRUE(sets(frame, name));
    while (given_up < kGivenUpInOrder.size() && !sets(frame, kGivenUpInOrder[given_up])) {
      ++given_up;
    }
    for (std::size_t i = 0; i < kGivenUpInOrder.size(); ++i) {
      ASSERT_EQ(sets(frame, kGivenUpInOrder[i]), i >= given_up)
          << kGivenUpInOrder[i] << size;
    }
  }
  EXPECT_GE(given_up, 4U) << "the sizes above must have cost something";
}

TEST(WriteAck, AlwaysFitsTheSmallestFrame) {
  Answer answer = redirect(std::string(5000, 'u'));
  answer.frame = {UINT64_MAX, UINT64_MAX};
  answer.response = true;
  answer.verdict.code = 2147483647;
  answer.verdict.reason = Reason::kUnknownTransaction;
  answer.id = std::string(5000, 'i');
  answer.rule_ids = std::string(5000, '9');
  const Buffer frame = written(answer, kSmallestMaxFrameSize);
  EXPECT_LT(length_field(frame), kSmallestMaxFrameSize);
  for (const char* name : {"res_action", "res_code", "res_reason"}) {
    EXPECT_TRUE(sets(frame, name)) << name;
  }
}

// A frame of exactly max-frame-size wedges HAProxy 3.1 and later.
TEST(WriteAck, StaysBelowWhatWasNegotiated) {
  Answer answer = deny();
  answer.id.append(100, 'i');
  const Buffer whole = written(answer);
  const auto size = static_cast<std::uint32_t>(length_field(whole));
  EXPECT_EQ(written(answer, size + 1), whole);
  EXPECT_FALSE(sets(written(answer, size), "rule_ids"));
}

TEST(WriteAck, StaysWithin4KiBWhateverWasNegotiated) {
  Answer answer = deny();
  const std::size_t rest = written(answer).size() - 4 - answer.rule_ids.size();
  answer.rule_ids.assign(kLargestAckBytes - rest - 2, '9');  // 2: a longer length
  EXPECT_EQ(length_field(written(answer)), kLargestAckBytes);
  EXPECT_TRUE(sets(written(answer), "rule_ids"));
  answer.rule_ids += '9';
  EXPECT_FALSE(sets(written(answer), "rule_ids"));
  EXPECT_TRUE(sets(written(answer), "inspect_us"));
}

TEST(WriteAck, AppendsToWhatWaitsAlready) {
  Buffer out = golden("ack-deny");
  Answer answer = redirect(std::string(5000, 'u'));
  write_ack(answer, kUsual, out);
  const auto before = golden("ack-deny");
  ASSERT_GT(out.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), out.begin()));
  EXPECT_EQ(Buffer(out.begin() + static_cast<std::ptrdiff_t>(before.size()), out.end()),
            written(answer));
}

}  // namespace
}  // namespace spoa::reply
