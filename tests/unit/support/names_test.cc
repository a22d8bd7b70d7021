#include <set>

#include <gtest/gtest.h>

#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/verdict.h"
#include "spoa/wire_error.h"

namespace spoa {
namespace {

template <typename Enum>
void expect_distinct_names(std::size_t count) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = name_of(static_cast<Enum>(i));
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), name.npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Names, AreDistinctWordsForLabels) {
  expect_distinct_names<WireError>(kWireErrors);
  expect_distinct_names<RequestFault>(kRequestFaults);
  expect_distinct_names<Action>(kActions);
  expect_distinct_names<Reason>(kReasons);
  expect_distinct_names<ContentCoding>(kContentCodings);
  expect_distinct_names<BodyFault>(kBodyFaults);
}

TEST(Names, AreTheWordsHaproxyConfigurationsTest) {
  EXPECT_EQ(name_of(Action::kDeny), "deny");
  EXPECT_EQ(name_of(Action::kRedirect), "redirect");
  EXPECT_EQ(name_of(Reason::kUnknownTransaction), "unknown-transaction");
  EXPECT_EQ(name_of(Reason::kEngineError), "engine-error");
}

// A health check answered with a code of 14 to 98 crashes HAProxy up to 3.0.
TEST(DisconnectCodes, AreOnlyThoseOfTheSpecification) {
  for (std::size_t i = 0; i < kWireErrors; ++i) {
    const auto code =
        static_cast<std::uint32_t>(disconnect_code(static_cast<WireError>(i)));
    EXPECT_TRUE(code <= 13 || code == 99) << code;
  }
}

TEST(HeaderValue, IsTheFirstOfThatNameInAnyCase) {
  Request request;
  request.headers = {{"x", "1"}, {"host", "a"}, {"Host", "b"}};
  EXPECT_EQ(header_value(request, "HOST"), "a");
  EXPECT_EQ(header_value(request, "hos"), "");
}

}  // namespace
}  // namespace spoa
