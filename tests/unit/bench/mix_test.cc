#include "mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "http_request.h"

namespace spoa::bench {
namespace {

constexpr std::array kAll{RequestKind::kGet, RequestKind::kQuery, RequestKind::kForm,
                          RequestKind::kJson, RequestKind::kAttack};

HttpRequest request(RequestKind kind, unsigned variant) {
  const auto parsed = parse_request(built_in_request(kind, variant));
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed ? *parsed : HttpRequest{};
}

std::string header(const HttpRequest& of, std::string_view name) {
  for (const auto& [key, value] : of.headers) {
    if (key == name) return value;
  }
  return {};
}

std::size_t leaves(const nlohmann::json& json) {
  if (!json.is_structured()) return 1;
  std::size_t count = 0;
  for (const auto& inner : json) count += leaves(inner);
  return count;
}

TEST(BuiltInRequest, IsARequestOfABrowserWhateverTheKind) {
  for (const RequestKind kind : kAll) {
    for (unsigned variant = 0; variant < kVariants; ++variant) {
      const auto one = request(kind, variant);
      EXPECT_EQ(header(one, "host"), "www.shop.example");
      EXPECT_TRUE(header(one, "user-agent").starts_with("Mozilla/5.0 ("));
      EXPECT_NE(header(one, "cookie"), "");
      const std::string length = header(one, "content-length");
      EXPECT_EQ(length, one.body.empty() ? "" : std::to_string(one.body.size()));
    }
  }
}

TEST(BuiltInRequest, HasTheSizeItsKindPromises) {
  for (unsigned variant = 0; variant < kVariants; ++variant) {
    EXPECT_EQ(request(RequestKind::kGet, variant).path, "/");
    EXPECT_FALSE(request(RequestKind::kGet, variant).query);
    const auto query = request(RequestKind::kQuery, variant).query.value_or("");
    EXPECT_EQ(std::count(query.begin(), query.end(), '='), 5) << query;
    const auto form = request(RequestKind::kForm, variant);
    EXPECT_EQ(header(form, "content-type"), "application/x-www-form-urlencoded");
    EXPECT_NEAR(static_cast<double>(form.body.size()), 500, 10);
    const auto json = request(RequestKind::kJson, variant);
    EXPECT_EQ(header(json, "content-type"), "application/json");
    EXPECT_NEAR(static_cast<double>(json.body.size()), 1900, 100);
    EXPECT_EQ(leaves(nlohmann::json::parse(json.body)), 47U);
  }
}

TEST(BuiltInRequest, DiffersFromVariantToVariant) {
  for (const RequestKind kind : kAll) {
    std::set<std::string> different;
    for (unsigned variant = 0; variant < kVariants; ++variant) {
      different.insert(built_in_request(kind, variant));
      EXPECT_EQ(built_in_request(kind, variant), built_in_request(kind, variant));
    }
    EXPECT_EQ(different.size(), kVariants);
  }
}

TEST(Rotation, GivesEachKindItsShareInEveryRow) {
  Rotation rotation(kBuiltInMix);
  for (int row = 0; row < 3; ++row) {
    MixWeights seen{};
    for (int i = 0; i < 150; ++i) ++seen[static_cast<std::size_t>(rotation.next())];
    EXPECT_EQ(seen, kBuiltInMix);
  }
}

TEST(Rotation, SpreadsTheKinds) {
  Rotation rotation(kBuiltInMix);
  // Three attacks of 150, fifty apart; in between a window of fifty holds at most two.
  std::vector<int> at;
  for (int i = 0; i < 300; ++i) {
    if (rotation.next() == RequestKind::kAttack) at.push_back(i);
  }
  ASSERT_EQ(at.size(), 6U);
  for (std::size_t i = 1; i < at.size(); ++i) EXPECT_NEAR(at[i] - at[i - 1], 50, 5);
}

TEST(Rotation, LeavesOutKindsWithoutWeight) {
  Rotation rotation({0, 0, 1, 0, 1});
  for (int i = 0; i < 10; ++i) {
    const RequestKind kind = rotation.next();
    EXPECT_TRUE(kind == RequestKind::kForm || kind == RequestKind::kAttack);
  }
}

}  // namespace
}  // namespace spoa::bench
