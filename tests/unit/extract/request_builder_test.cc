#include "request_builder.h"

#include <string>

#include <gtest/gtest.h>

namespace spoa::extract {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::uint32_t kMaxFrame = 16380;
const std::string kHeaders = "\x04host\x04shop\x00\x00"s;

class Message {
 public:
  Message& with(std::string_view name, Value value) {
    arguments_.push_back(
        {"check-request", 0, static_cast<std::uint32_t>(arguments_.size()), name, value});
    return *this;
  }
  [[nodiscard]] Request build(std::size_t payload_bytes = 100) const {
    return build_request(std::vector<std::uint8_t>(payload_bytes), arguments_, kMaxFrame);
  }

 private:
  std::vector<Argument> arguments_;
};

Message get() {
  return Message()
      .with("id", "4711"sv)
      .with("method", "GET"sv)
      .with("version", "1.1"sv)
      .with("headers", as_bytes(kHeaders));
}

TEST(BuildRequest, PutsPathAndQueryTogether) {
  const Request request = get().with("path", "/a"sv).with("query", "b=c"sv).build();
  EXPECT_EQ(request.uri, "/a?b=c");
  EXPECT_EQ(request.fault, RequestFault::kNone);
  EXPECT_EQ(request.id, "4711");
}

TEST(BuildRequest, TellsNoQueryFromAnEmptyOne) {
  EXPECT_EQ(get().with("path", "/a"sv).with("query", std::monostate{}).build().uri, "/a");
  EXPECT_EQ(get().with("path", "/a"sv).with("query", ""sv).build().uri, "/a?");
}

TEST(BuildRequest, TakesAUrlInPlaceOfPathAndQuery) {
  EXPECT_EQ(get().with("url", "http://h/p?q"sv).build().uri, "http://h/p?q");
}

// HAProxy's `path` is NULL for `OPTIONS *` and for CONNECT: inspected all the same.
TEST(BuildRequest, NamesATargetWithoutAPath) {
  const auto bare = [](std::string_view method) {
    return Message()
        .with("method", method)
        .with("path", std::monostate{})
        .with("headers", as_bytes(kHeaders))
        .build();
  };
  EXPECT_EQ(bare("OPTIONS").uri, "*");
  EXPECT_EQ(bare("CONNECT").uri, "shop");
  EXPECT_EQ(bare("OPTIONS").fault, RequestFault::kNone);
}

// The library takes C strings.
TEST(BuildRequest, LeavesNoNulInTheUri) {
  EXPECT_EQ(get().with("path", "/a\0b"sv).build().uri, "/a%00b");
}

TEST(BuildRequest, TakesHeadersInBothSpellings) {
  const Request text =
      Message().with("method", "GET"sv).with("headers", "host: shop\r\n\r\n"sv).build();
  EXPECT_EQ(header_value(get().build(), "Host"), "shop");
  EXPECT_EQ(header_value(text, "host"), "shop");
}

TEST(BuildRequest, SaysWhenHeadersDidNotFit) {
  const Request request =
      Message().with("method", "GET"sv).with("headers", std::monostate{}).build();
  EXPECT_EQ(request.fault, RequestFault::kMissingHeaders);
}

TEST(BuildRequest, SaysWhenHeadersDoNotParse) {
  const Request request =
      Message().with("method", "GET"sv).with("headers", as_bytes("\x7f")).build();
  EXPECT_EQ(request.fault, RequestFault::kBadHeaders);
}

TEST(BuildRequest, WantsAMethod) {
  EXPECT_EQ(Message().with("path", "/"sv).build().fault, RequestFault::kMissingMethod);
}

TEST(BuildRequest, WantsAnArgumentItKnows) {
  EXPECT_EQ(Message().with("colour", "red"sv).build().fault, RequestFault::kNoArguments);
  EXPECT_EQ(Message().build().fault, RequestFault::kNoArguments);
}

TEST(BuildRequest, KnowsAResponseByItsStatus) {
  const Request response = Message().with("status", std::int64_t{200}).build();
  EXPECT_EQ(response.response_status, 200);
  EXPECT_EQ(response.fault, RequestFault::kNone);
}

// coraza-spoa's `detect-only` is its own: elsewhere the word could mean anything.
TEST(BuildRequest, KnowsAResponseThatIsOnlyWatched) {
  const auto watched = [](std::string_view message, Value flag) {
    const std::vector<Argument> sent{{message, 0, 0, "status", std::int64_t{200}},
                                     {message, 0, 1, "detect-only", flag}};
    return build_request({}, sent, kMaxFrame).detect_only;
  };
  EXPECT_TRUE(watched("coraza-res", true));
  EXPECT_FALSE(watched("coraza-res", false));
  EXPECT_FALSE(watched("check-response", true));
}

TEST(BuildRequest, MakesUpDifferentIds) {
  const std::string first = Message().with("method", "GET"sv).build().id;
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, Message().with("method", "GET"sv).build().id);
}

// Ids go into logs, variables and events verbatim.
TEST(BuildRequest, EchoesIdsButKeepsThemOnALineAndShort) {
  EXPECT_EQ(Message().with("id", "a\r\nb \"c\\"sv).with("method", "GET"sv).build().id,
            "a__b \"c\\");
  const std::string longest(1000, 'x');
  EXPECT_EQ(Message().with("id", std::string_view(longest)).build().id.size(), 128U);
}

TEST(BuildRequest, SpellsAddresses) {
  Ipv6 v6;
  v6.octets[15] = 1;
  const Request request = get()
                              .with("src-ip", Ipv4{{192, 0, 2, 7}})
                              .with("src-port", std::int64_t{40000})
                              .with("dst-ip", v6)
                              .with("dst-port", std::int64_t{443})
                              .build();
  EXPECT_EQ(request.client.ip, "192.0.2.7");
  EXPECT_EQ(request.client.port, 40000);
  EXPECT_EQ(request.server.ip, "::1");
  EXPECT_EQ(request.server.port, 443);
}

TEST(BuildRequest, RefusesAddressesThatAreNone) {
  EXPECT_EQ(get().with("src-ip", "shop"sv).build().fault, RequestFault::kBadAddress);
  EXPECT_EQ(get().with("src-port", std::int64_t{70000}).build().fault,
            RequestFault::kBadAddress);
  EXPECT_EQ(get().with("src-ip", "2001:db8::1"sv).build().client.ip, "2001:db8::1");
}

TEST(BuildRequest, SeesABodyThatWasCut) {
  const auto post = [](std::int64_t announced, std::size_t payload = 100) {
    return get()
        .with("body", as_bytes("0123456789"))
        .with("body-size", announced)
        .build(payload)
        .body_truncated;
  };
  EXPECT_FALSE(post(10));
  EXPECT_TRUE(post(11));
  // HTTP/2 without a content-length: HAProxy announces 0. Only a full frame tells.
  EXPECT_FALSE(post(0));
  EXPECT_TRUE(post(0, kMaxFrame - 1000));
  EXPECT_FALSE(post(10, kMaxFrame - 1000)) << "the announced size is there";
}

TEST(BuildRequest, SeesABodyThatIsMissingAltogether) {
  const Request request =
      get().with("body", as_bytes("")).with("body-size", std::int64_t{5}).build();
  EXPECT_TRUE(request.body_truncated);
}

// A message without a body argument is the operator's choice, not HAProxy's failure.
TEST(BuildRequest, DoesNotMissABodyNobodySends) {
  EXPECT_FALSE(get().with("body-size", std::int64_t{5}).build().body_truncated);
}

TEST(BuildRequest, KeepsItsViewsWhenMoved) {
  const std::string bytes = "GET/x";
  std::vector<std::uint8_t> payload(bytes.begin(), bytes.end());
  const std::string_view all = as_text(payload);
  std::vector<Argument> arguments{{"m", 0, 0, "method", all.substr(0, 3)},
                                  {"m", 0, 1, "path", all.substr(3)}};
  Request request = build_request(std::move(payload), arguments, kMaxFrame);
  const Request moved = std::move(request);
  EXPECT_EQ(moved.method, "GET");
  EXPECT_EQ(moved.method.data(), as_text(moved.payload).data());
}

TEST(UndecodableRequest, HasAnIdToAnswerWith) {
  const Request request = undecodable_request({1, 2, 3});
  EXPECT_EQ(request.fault, RequestFault::kUndecodable);
  EXPECT_FALSE(request.id.empty());
}

}  // namespace
}  // namespace spoa::extract
