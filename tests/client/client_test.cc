// What one side writes the other must read: the client's codec against the agent's.
#include <gtest/gtest.h>

#include "client.h"
#include "decode/disconnect.h"
#include "decode/hello.h"
#include "decode/notify.h"
#include "decode/reader.h"
#include "escape.h"
#include "reply/ack.h"
#include "reply/disconnect.h"
#include "reply/hello.h"

namespace {

/// The agent's view of a frame the client wrote; `bytes` must outlive it.
spoa::Frame seen_by_agent(const std::string& bytes) {
  const spoa::Bytes all = spoa::as_bytes(bytes);
  EXPECT_EQ(*spoa::decode::frame_bytes(all, 1 << 20), bytes.size());
  const auto frame = spoa::decode::read_frame(all);
  EXPECT_TRUE(frame);
  return frame ? *frame : spoa::Frame{};
}

/// The client's view of a frame the agent wrote.
spop::Frame seen_by_client(const spoa::Buffer& bytes) {
  const auto frame = spop::decode_frame(spoa::as_text(bytes).substr(4));
  EXPECT_TRUE(frame);
  return frame.value_or(spop::Frame{});
}

TEST(ClientAndAgent, AgreeOnVarintsAroundEveryPowerOfTwo) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const int offset : {-1, 0, 1, 239, 240, 241}) {
      const std::uint64_t value =
          (std::uint64_t{1} << shift) + static_cast<std::uint64_t>(offset);
      spoa::Buffer theirs;
      spoa::write_varint(value, theirs);
      EXPECT_EQ(spop::encode_varint(value), spoa::as_text(theirs)) << value;
    }
  }
}

TEST(ClientAndAgent, AgreeOnHello) {
  const std::string bytes = spop::encode_frame(
      {spop::kHaproxyHello, 1, 0, 0,
       spop::encode_pairs({{"supported-versions", spop::text("2.0")},
                           {"max-frame-size", spop::integer(65532, spop::kUint32)},
                           {"capabilities", spop::text("pipelining")},
                           {"healthcheck", spop::boolean(true)}})});
  const auto hello = spoa::decode::read_hello(seen_by_agent(bytes));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->max_frame_size, 65532U);
  EXPECT_TRUE(hello->healthcheck);

  spoa::Buffer answer;
  spoa::reply::write_agent_hello(*hello, 1 << 20, answer);
  const auto read = spop::parse_agent_hello(seen_by_client(answer));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version, "2.0");
  EXPECT_EQ(read->max_frame_size, 65532U);
  EXPECT_EQ(read->capabilities, "pipelining,fragmentation");
}

TEST(ClientAndAgent, AgreeOnEveryTypeInANotify) {
  using spop::NamedData;
  const std::string body(100000, '\xff');
  const spop::Message message{
      "m",
      {NamedData{"", spop::null()}, NamedData{"b", spop::boolean(true)},
       NamedData{"i", spop::integer(-5)}, NamedData{"u", spop::integer(7, spop::kUint64)},
       NamedData{"4", *spop::ip("192.0.2.1")}, NamedData{"6", *spop::ip("2001:db8::1")},
       NamedData{"s", spop::text("x")}, NamedData{"d", spop::binary(body)}}};
  const std::string bytes = spop::encode_frame(
      {spop::kNotify, 1, 1234567, 2, spop::encode_messages({message, {"empty", {}}})});
  const spoa::Frame frame = seen_by_agent(bytes);
  EXPECT_EQ(frame.id, (spoa::FrameId{1234567, 2}));
  std::vector<spoa::Argument> out;
  ASSERT_TRUE(spoa::decode::read_notify(frame.payload, out));
  ASSERT_EQ(out.size(), 8U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(out[0].value));
  EXPECT_EQ(std::get<bool>(out[1].value), true);
  EXPECT_EQ(std::get<std::int64_t>(out[2].value), -5);
  EXPECT_EQ(std::get<std::uint64_t>(out[3].value), 7U);
  EXPECT_EQ(std::get<spoa::Ipv4>(out[4].value).octets[3], 1);
  EXPECT_EQ(std::get<spoa::Ipv6>(out[5].value).octets[15], 1);
  EXPECT_EQ(std::get<std::string_view>(out[6].value), "x");
  EXPECT_EQ(spoa::as_text(std::get<spoa::Bytes>(out[7].value)), body);
}

TEST(ClientAndAgent, AgreeOnAck) {
  spoa::reply::Answer answer;
  answer.frame = {0, 300};
  answer.verdict = {spoa::Action::kRedirect, 302, "https://x.test/",
                    spoa::Reason::kRules};
  answer.id = "r-1";
  answer.rules_hit = 1;
  answer.rule_ids = "942100";
  answer.body_truncated = true;
  spoa::Buffer bytes;
  spoa::reply::write_ack(answer, 16380, bytes);
  const auto ack = spop::parse_ack(seen_by_client(bytes));
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->stream, 0U);
  EXPECT_EQ(ack->frame, 300U);
  ASSERT_EQ(ack->variables.size(), 12U);
  EXPECT_EQ(*ack->find("action"), spop::text("redirect"));
  EXPECT_EQ(*ack->find("code"), spop::integer(302));
  EXPECT_EQ(*ack->find("status"), spop::integer(302));
  EXPECT_EQ(*ack->find("data"), spop::text("https://x.test/"));
  EXPECT_EQ(*ack->find("reason"), spop::text("rules"));
  EXPECT_EQ(*ack->find("rule_ids"), spop::text("942100"));
  EXPECT_EQ(*ack->find("body_truncated"), spop::boolean(true));
}

TEST(ClientAndAgent, AgreeOnDisconnect) {
  const std::string bytes = spop::encode_frame(
      {spop::kHaproxyDisconnect, 1, 0, 0,
       spop::encode_pairs({{"status-code", spop::integer(2, spop::kUint32)},
                           {"message", spop::text("timeout")}})});
  const auto said = spoa::decode::read_disconnect(seen_by_agent(bytes));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->status_code, 2U);
  EXPECT_EQ(said->message, "timeout");

  spoa::Buffer answer;
  spoa::reply::write_agent_disconnect(spoa::DisconnectCode::kFrameTooBig, "too big",
                                      answer);
  const auto read = spop::parse_agent_disconnect(seen_by_client(answer));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, "status-code=3 message=too\\x20big");
}

TEST(Escape, GoesBothWays) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  EXPECT_EQ(spop::unescape(spop::escape(every_byte)), every_byte);
  EXPECT_EQ(spop::unescape("a\\x00\\n\\\\"), std::string("a\0\n\\", 4));
  for (const char* bad : {"\\", "\\q", "\\x", "\\x1", "\\xzz"}) {
    EXPECT_EQ(spop::unescape(bad), std::nullopt) << bad;
  }
}

TEST(FromHex, TakesPairsOnly) {
  EXPECT_EQ(spop::from_hex("00 fF"), std::string("\0\xff", 2));
  EXPECT_EQ(spop::from_hex("0"), std::nullopt);
  EXPECT_EQ(spop::from_hex("0 0"), std::nullopt);
}

}  // namespace
