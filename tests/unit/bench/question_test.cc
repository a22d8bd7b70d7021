#include "question.h"

#include <gtest/gtest.h>

#include <map>

#include "frame_reader.h"
#include "hex.h"
#include "value.h"
#include "varint.h"

namespace spoa::bench {
namespace {

using wire::golden;

HttpRequest request() {
  return {"POST", "/p", "a=b", "1.1", {{"host", "shop"}, {"x-empty", ""}}, "body"};
}

struct Decoded {
  Frame frame;
  std::string message;
  std::vector<std::string> names;
  std::map<std::string, Value> values;
};

/// All of a frame; its views live as long as `bytes`.
Decoded decoded(const Buffer& bytes) {
  Decoded all;
  const auto size = frame_bytes(bytes, 65536);
  EXPECT_TRUE(size);
  EXPECT_EQ(*size, bytes.size());
  all.frame = *read_frame(bytes);
  Bytes rest = all.frame.payload;
  all.message = *read_string(rest);
  const std::uint8_t count = rest.front();
  rest = rest.subspan(1);
  for (std::uint8_t i = 0; i < count; ++i) {
    const auto pair = read_pair(rest);
    EXPECT_TRUE(pair) << int{i};
    if (!pair) return all;
    all.names.emplace_back(pair->name);
    all.values[pair->name.empty() ? std::to_string(i) : std::string(pair->name)] =
        pair->value;
  }
  EXPECT_TRUE(rest.empty()) << "the count of arguments is right";
  return all;
}

std::string_view text(const Decoded& all, const std::string& name) {
  return std::get<std::string_view>(all.values.at(name));
}

TEST(Question, HasTheArgumentsOfTheExample) {
  const Question question(request(), QuestionDialect::kNamed, "", 7);
  Buffer out;
  question.append(5, "id-1", out);
  const Decoded all = decoded(out);
  EXPECT_EQ(all.frame.type, FrameType::kNotify);
  EXPECT_TRUE(all.frame.fin());
  EXPECT_EQ(all.frame.id, (FrameId{5, 1}));
  EXPECT_EQ(all.message, "check-request");
  EXPECT_EQ(all.names, (std::vector<std::string>{
                           "id", "src-ip", "src-port", "dst-ip", "dst-port", "method",
                           "path", "query", "version", "headers", "body-size", "body"}));
  EXPECT_EQ(text(all, "id"), "id-1");
  EXPECT_EQ(text(all, "method"), "POST");
  EXPECT_EQ(text(all, "path"), "/p");
  EXPECT_EQ(text(all, "query"), "a=b");
  EXPECT_EQ(text(all, "version"), "1.1");
  EXPECT_EQ(std::get<std::int64_t>(all.values.at("body-size")), 4);
  EXPECT_EQ(as_text(std::get<Bytes>(all.values.at("body"))), "body");
  EXPECT_EQ(as_text(std::get<Bytes>(all.values.at("headers"))),
            std::string_view("\4host\4shop\7x-empty\0\0\0", 21));
  EXPECT_EQ(std::get<Ipv4>(all.values.at("src-ip")), (Ipv4{{198, 18, 0, 7}}));
}

TEST(Question, SendsNoQueryAsNull) {
  HttpRequest without = request();
  without.query.reset();
  Buffer out;
  Question(without, QuestionDialect::kNamed, "", 0).append(1, "i", out);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(decoded(out).values.at("query")));
}

TEST(Question, NamesTheApplicationWhenItIsGiven) {
  Buffer out;
  Question(request(), QuestionDialect::kNamed, "shop", 0).append(1, "i", out);
  EXPECT_EQ(text(decoded(out), "app"), "shop");
}

TEST(Question, SpeaksCorazaSpoasDialect) {
  Buffer out;
  Question(request(), QuestionDialect::kCoraza, "shop", 0).append(1, "i", out);
  const Decoded all = decoded(out);
  EXPECT_EQ(all.message, "coraza-req");
  EXPECT_EQ(text(all, "headers"), "host: shop\r\nx-empty: \r\n\r\n");
  EXPECT_EQ(text(all, "app"), "shop");
  EXPECT_EQ(all.values.count("body-size"), 0U);
}

// The agent of 2017 knows arguments by their place.
TEST(Question, SpeaksTheDialectOf2017) {
  Buffer out;
  Question(request(), QuestionDialect::k2017, "", 0).append(1, "i", out);
  const Decoded all = decoded(out);
  EXPECT_EQ(all.message, "check-request");
  EXPECT_EQ(all.names, std::vector<std::string>(8));
  const std::vector<std::string> texts{"i", "POST", "/p", "a=b", "1.1"};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(text(all, std::to_string(i)), texts[i]);
  }
  EXPECT_TRUE(std::holds_alternative<Bytes>(all.values.at("5")));
  EXPECT_EQ(std::get<std::int64_t>(all.values.at("6")), 4);
  EXPECT_EQ(as_text(std::get<Bytes>(all.values.at("7"))), "body");
}

TEST(Question, IsAppendedAndNeverLongerThanItSays) {
  const Question question(request(), QuestionDialect::kNamed, "shop", 99);
  Buffer one;
  question.append(1, "i", one);
  Buffer two = one;
  const std::string id(300, 'x');
  const std::uint64_t late = UINT64_C(1) << 40;
  question.append(late, id, two);
  const Buffer second(two.begin() + static_cast<std::ptrdiff_t>(one.size()), two.end());
  EXPECT_EQ(text(decoded(second), "id"), id);
  EXPECT_EQ(decoded(second).frame.id.stream, late);
  EXPECT_LE(second.size() - kLengthBytes, question.most_bytes(id.size()));
}

TEST(WriteHaproxyHello, IsWhatHaproxySends) {
  const Buffer theirs = golden("haproxy-hello-3.4");
  const auto frame = read_frame(theirs);
  ASSERT_TRUE(frame);
  std::string engine_id;
  for (Bytes rest = frame->payload; !rest.empty();) {
    const auto pair = read_pair(rest);
    ASSERT_TRUE(pair);
    if (pair->name == "engine-id") engine_id = std::get<std::string_view>(pair->value);
  }
  Buffer ours;
  write_haproxy_hello(16380, engine_id, ours);
  EXPECT_EQ(ours, theirs);
}

TEST(WriteHaproxyDisconnect, SaysNormal) {
  Buffer ours;
  write_haproxy_disconnect(ours);
  EXPECT_EQ(ours, wire::hex("00000025 02 00000001 00 00 0b\"status-code\" 03 00 "
                            "07\"message\" 08 06\"normal\""));
}

}  // namespace
}  // namespace spoa::bench
