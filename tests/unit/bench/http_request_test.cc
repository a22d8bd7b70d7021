#include "http_request.h"

#include <gtest/gtest.h>

namespace spoa::bench {
namespace {

HttpRequest parsed(std::string_view raw) {
  const auto request = parse_request(raw);
  EXPECT_TRUE(request) << request.error();
  return request ? *request : HttpRequest{};
}

std::string refusal(std::string_view raw) {
  const auto request = parse_request(raw);
  return request ? "good" : request.error();
}

TEST(ParseRequest, TakesARequestToPieces) {
  const auto request = parsed(
      "POST /a/b?c=d&e=%20 HTTP/1.1\r\nHost: shop\r\nX-Empty:\r\nACCEPT:  */* "
      "\r\n\r\nbody\n");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "c=d&e=%20");
  EXPECT_EQ(request.version, "1.1");
  const std::vector<std::pair<std::string, std::string>> headers{
      {"host", "shop"}, {"x-empty", ""}, {"accept", "*/*"}};
  EXPECT_EQ(request.headers, headers);
  EXPECT_EQ(request.body, "body\n");
}

TEST(ParseRequest, TellsNoQueryFromAnEmptyOne) {
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\n\r\n").query, std::nullopt);
  EXPECT_EQ(parsed("GET /? HTTP/1.1\r\n\r\n").query, "");
  EXPECT_EQ(parsed("GET /?a?b HTTP/1.1\r\n\r\n").query, "a?b");
}

TEST(ParseRequest, TakesPathAndQueryOfAnAbsoluteTarget) {
  EXPECT_EQ(parsed("GET http://h:8080/p?q HTTP/1.1\r\n\r\n").path, "/p");
  EXPECT_EQ(parsed("GET http://h:8080/p?q HTTP/1.1\r\n\r\n").query, "q");
  EXPECT_EQ(parsed("GET http://h HTTP/1.1\r\n\r\n").path, "/");
  EXPECT_EQ(parsed("GET /?to=http://h/x HTTP/1.1\r\n\r\n").query, "to=http://h/x");
}

TEST(ParseRequest, TakesLinesOfAnEditorToo) {
  const auto request = parsed("GET / HTTP/1.0\nHost: shop\n\nbody");
  EXPECT_EQ(request.version, "1.0");
  EXPECT_EQ(request.headers.size(), 1U);
  EXPECT_EQ(request.body, "body");
}

TEST(ParseRequest, TakesAnyByteInABody) {
  const std::string body("\0\r\n\r\n\xff", 6);
  EXPECT_EQ(parsed("PUT / HTTP/1.1\r\n\r\n" + body).body, body);
}

TEST(ParseRequest, SaysWhichLineIsWrong) {
  for (const char* raw :
       {"", "GET / HTTP/1.1", "\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/\r\n\r\n",
        "GET / SPDY/1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", " / HTTP/1.1\r\n\r\n"}) {
    EXPECT_TRUE(refusal(raw).starts_with("line 1:")) << raw;
  }
  EXPECT_TRUE(refusal("GET / HTTP/1.1\r\nHost\r\n\r\n").starts_with("line 2:"));
  EXPECT_TRUE(
      refusal("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n").starts_with("line 3:"));
  EXPECT_TRUE(refusal("GET / HTTP/1.1\r\nA b: c\r\n\r\n").starts_with("line 2:"));
  EXPECT_TRUE(refusal("GET / HTTP/1.1\r\nA: b\r\n").starts_with("line 3: no empty line"));
}

}  // namespace
}  // namespace spoa::bench
