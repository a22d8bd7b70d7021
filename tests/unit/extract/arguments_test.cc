#include "arguments.h"

#include <gtest/gtest.h>

namespace spoa::extract {
namespace {

Argument named(std::string_view name, Value value) {
  return {"check-request", 0, 0, name, value};
}

TEST(Arguments, AreFoundByNameInAnyOrder) {
  const std::vector<Argument> sent{named("path", std::string_view("/")),
                                   named("method", std::string_view("GET"))};
  Arguments arguments(sent);
  EXPECT_EQ(arguments.text(Key::kMethod), "GET");
  EXPECT_EQ(arguments.text(Key::kPath), "/");
  EXPECT_EQ(arguments.known(), 2U);
}

TEST(Arguments, CountUnknownNames) {
  const std::vector<Argument> sent{named("colour", std::string_view("red")),
                                   named("Method", std::string_view("GET"))};
  Arguments arguments(sent);
  EXPECT_EQ(arguments.unknown(), 2U);
  EXPECT_EQ(arguments.known(), 0U);
  EXPECT_EQ(arguments.fault(), RequestFault::kNone);
}

TEST(Arguments, TellNullFromAbsent) {
  const std::vector<Argument> sent{named("path", std::monostate{})};
  Arguments arguments(sent);
  EXPECT_TRUE(arguments.is_null(Key::kPath));
  EXPECT_FALSE(arguments.is_null(Key::kQuery));
  EXPECT_FALSE(arguments.text(Key::kPath));
  EXPECT_EQ(arguments.fault(), RequestFault::kNone);
}

TEST(Arguments, RefuseAnotherType) {
  const std::vector<Argument> sent{named("method", std::int64_t{1})};
  Arguments arguments(sent);
  EXPECT_FALSE(arguments.text(Key::kMethod));
  EXPECT_EQ(arguments.fault(), RequestFault::kWrongType);
}

TEST(Arguments, RefuseNegativeNumbers) {
  const std::vector<Argument> sent{named("body-size", std::int64_t{-1})};
  Arguments arguments(sent);
  EXPECT_FALSE(arguments.number(Key::kBodySize));
  EXPECT_EQ(arguments.fault(), RequestFault::kWrongType);
}

TEST(Arguments, TakeStringsForBytes) {
  const std::vector<Argument> sent{named("body", std::string_view("a=b"))};
  Arguments arguments(sent);
  ASSERT_TRUE(arguments.bytes(Key::kBody));
  EXPECT_EQ(as_text(*arguments.bytes(Key::kBody)), "a=b");
}

TEST(Arguments, MayBeGivenTwiceWhenTheyAgree) {
  const std::vector<Argument> sent{
      named("id", std::string_view("1")), named("id", std::string_view("1")),
      named("body", as_bytes("same")), named("body", as_bytes("same"))};
  EXPECT_EQ(Arguments(sent).fault(), RequestFault::kNone);
}

TEST(Arguments, AreRefusedWhenTheyContradict) {
  const std::vector<Argument> sent{named("body", as_bytes("clean")),
                                   named("body", as_bytes("hostile"))};
  EXPECT_EQ(Arguments(sent).fault(), RequestFault::kContradiction);
}

TEST(Arguments, OfThe2017AgentAreTakenByPosition) {
  std::vector<Argument> sent;
  const std::vector<Value> values{std::string_view("id7"), std::string_view("POST"),
                                  std::string_view("/a"),  std::string_view("q=1"),
                                  std::string_view("1.1"), as_bytes("hh"),
                                  std::int64_t{3},         as_bytes("a=b")};
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    sent.push_back({"check-request", 0, i, "", values[i]});
  }
  Arguments arguments(sent);
  EXPECT_EQ(arguments.text(Key::kId), "id7");
  EXPECT_EQ(arguments.text(Key::kMethod), "POST");
  EXPECT_EQ(arguments.text(Key::kQuery), "q=1");
  EXPECT_EQ(arguments.number(Key::kBodySize), 3U);
  EXPECT_EQ(as_text(*arguments.bytes(Key::kBody)), "a=b");
}

TEST(Arguments, TellWhoseMessageItIs) {
  const auto dialect = [](std::string_view message, std::string_view name) {
    const std::vector<Argument> sent{{message, 0, 0, name, std::string_view("x")}};
    return Arguments(sent).dialect();
  };
  EXPECT_EQ(dialect("check-request", ""), Dialect::kLegacy);
  EXPECT_EQ(dialect("check-request", "id"), Dialect::kNamed);
  EXPECT_EQ(dialect("coraza-req", "app"), Dialect::kCoraza);
  EXPECT_EQ(dialect("coraza-res", "app"), Dialect::kCoraza);
  EXPECT_EQ(dialect("coraza-request", "app"), Dialect::kNamed);
}

TEST(Arguments, WithoutANameMeanNothingInOtherMessages) {
  const std::vector<Argument> sent{{"chk", 0, 0, "", std::string_view("GET")}};
  Arguments arguments(sent);
  EXPECT_EQ(arguments.unknown(), 1U);
}

}  // namespace
}  // namespace spoa::extract
