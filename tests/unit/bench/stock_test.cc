#include "stock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace spoa::bench {
namespace {

class StockTest : public testing::Test {
 protected:
  StockTest() {
    std::string name = testing::TempDir() + "spoa-stock-XXXXXX";
    const int fd = ::mkstemp(name.data());
    if (fd >= 0) ::close(fd);
    file_ = name;
  }
  ~StockTest() override { ::unlink(file_.c_str()); }
  void write(std::string_view text) { std::ofstream(file_, std::ios::binary) << text; }
  std::string refusal() {
    BenchSettings settings;
    settings.request_files = {file_};
    const auto stock = Stock::of(settings);
    return stock ? "good" : stock.error();
  }

  std::string file_;
};

TEST_F(StockTest, FollowsTheMix) {
  BenchSettings settings;
  settings.mix = {1, 0, 0, 0, 1};
  auto stock = Stock::of(settings);
  ASSERT_TRUE(stock);
  std::array<int, kKinds> seen{};
  for (int i = 0; i < 10; ++i) ++seen[stock->next().kind];
  EXPECT_EQ(seen[static_cast<std::size_t>(RequestKind::kGet)], 5);
  EXPECT_EQ(seen[static_cast<std::size_t>(RequestKind::kAttack)], 5);
}

TEST_F(StockTest, AsksEveryVariantInTurn) {
  BenchSettings settings;
  settings.mix = {0, 0, 0, 1, 0};
  auto stock = Stock::of(settings);
  ASSERT_TRUE(stock);
  std::set<const Question*> seen;
  for (unsigned i = 0; i < kVariants; ++i) seen.insert(stock->next().question);
  EXPECT_EQ(seen.size(), kVariants);
}

TEST_F(StockTest, TakesRequestsOfFilesInPlaceOfTheMix) {
  write("GET /mine HTTP/1.1\nHost: x\n\n");
  BenchSettings settings;
  settings.request_files = {file_, file_};
  auto stock = Stock::of(settings);
  ASSERT_TRUE(stock);
  const Picked first = stock->next();
  const Picked second = stock->next();
  EXPECT_EQ(first.kind, kFileKind);
  EXPECT_NE(first.question, second.question);
  EXPECT_EQ(stock->next().question, first.question);
}

TEST_F(StockTest, SaysWhatIsWrongWithAFile) {
  write("");
  EXPECT_NE(refusal().find(file_ + ": cannot be read, or is empty"), std::string::npos);
  write("GET /\n\n");
  EXPECT_NE(refusal().find(file_ + ": line 1:"), std::string::npos);
  ::unlink(file_.c_str());
  EXPECT_NE(refusal().find("cannot be read"), std::string::npos);
}

TEST_F(StockTest, RefusesAFolder) {
  BenchSettings settings;
  settings.request_files = {testing::TempDir()};
  EXPECT_FALSE(Stock::of(settings));
}

TEST_F(StockTest, KnowsItsLongestQuestion) {
  write("POST / HTTP/1.1\n\n" + std::string(5000, 'x'));
  BenchSettings settings;
  settings.request_files = {file_};
  const auto stock = Stock::of(settings);
  ASSERT_TRUE(stock);
  EXPECT_GT(stock->most_bytes(10), 5000U);
  EXPECT_LT(stock->most_bytes(10), 5500U);
}

}  // namespace
}  // namespace spoa::bench
