// What waits for its response, and what ends it.
#include "serve/held_transactions.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

namespace spoa::serve {
namespace {

std::shared_ptr<const inspect::RuleSet> no_rules() {
  const auto file = std::filesystem::temp_directory_path() /
                    ("held-" + std::to_string(::getpid()) + ".conf");
  std::ofstream(file) << "SecRuleEngine On\n";
  auto rules = inspect::RuleSet::load({file.string()});
  std::filesystem::remove(file);
  return *rules;
}

/// An application, a loop, and what was ended.
class HeldTest : public testing::Test {
 protected:
  HeldTest() { use(1); }

  void use(std::uint64_t number) {
    auto made = std::make_shared<Generation>();
    made->number = number;
    made->applications.push_back(
        {"shop", {}, std::make_shared<const inspect::Profile>(profile_)});
    generation_ = std::move(made);
  }

  void put(const std::string& id, std::size_t payload = 0) {
    static inspect::Engine engine;
    Request request;
    request.id = id;
    request.payload.resize(payload);
    auto transaction = std::make_unique<inspect::Transaction>(
        engine, 0, profile_of_shop(),
        std::make_shared<const Request>(std::move(request)));
    inspect::Progress progress;
    transaction->inspect_request(progress);
    held_.put(
        {std::move(transaction), generation_, &generation_->applications[0], ++serial_});
  }
  bool take(const std::string& id, const std::string& app = "shop") {
    return held_.take(app, id).transaction != nullptr;
  }
  [[nodiscard]] std::uint64_t metric(const std::string& series) const {
    const std::string text = metrics_.render({});
    const std::size_t at = text.find("\nspoa_modsecurity_" + series + " ");
    return at == text.npos ? 999 : std::stoull(text.substr(at + series.size() + 19));
  }

  inspect::Profile profile_{"default", no_rules(), {}, {}, {}};
  accept::Loop loop_;
  Metrics metrics_{{"test", "none"}};
  std::vector<std::string> ended_;
  HeldTransactions held_{
      {loop_, metrics_, [this](std::unique_ptr<inspect::Transaction> transaction) {
         ended_.push_back(transaction->request()->id);
         if (ended_.size() == stop_at_) loop_.stop();
       }}};
  std::size_t stop_at_ = 0;

  std::uint64_t serial_ = 0;

 private:
  [[nodiscard]] std::shared_ptr<const inspect::Profile> profile_of_shop() const {
    return generation_->applications[0].profile;
  }
  std::shared_ptr<const Generation> generation_;
};

using Ids = std::vector<std::string>;

TEST_F(HeldTest, GivesEachOutOnce) {
  put("a");
  put("b");
  EXPECT_TRUE(take("a"));
  EXPECT_FALSE(take("a"));
  EXPECT_FALSE(take("b", "other")) << "ids belong to their application";
  EXPECT_TRUE(take("b"));
  EXPECT_TRUE(ended_.empty());
  EXPECT_EQ(metric("transactions_held{app=\"shop\"}"), 0U);
  EXPECT_EQ(metric("transactions_held_bytes{app=\"shop\"}"), 0U);
}

TEST_F(HeldTest, KeepsTheNewerOfTwoWithOneId) {
  put("a", 1);
  put("a", 2);
  EXPECT_EQ(ended_, Ids{"a"});
  EXPECT_EQ(held_.take("shop", "a").transaction->request()->payload.size(), 2U);
  EXPECT_EQ(metric("transactions_unanswered_total{app=\"shop\",cause=\"replaced\"}"), 1U);
}

// Two workers may finish in another order than the requests came.
TEST_F(HeldTest, KeepsTheLaterRequestEvenIfItFinishedFirst) {
  serial_ = 10;
  put("a", 1);
  serial_ = 5;
  put("a", 2);
  EXPECT_EQ(held_.take("shop", "a").transaction->request()->payload.size(), 1U);
}

// The timer stood at the first one's time, and nothing ended before.
TEST_F(HeldTest, EndsEachInItsTimeWhenHoldBecomesShorter) {
  profile_.responses.hold = std::chrono::hours(1);
  use(1);
  put("long");
  profile_.responses.hold = std::chrono::milliseconds(5);
  use(2);
  stop_at_ = 1;
  put("short");
  loop_.run();
  EXPECT_EQ(ended_, Ids{"short"});
  EXPECT_TRUE(take("long"));
}

TEST_F(HeldTest, GivesOutNothingWhoseTimeIsOver) {
  profile_.responses.hold = std::chrono::milliseconds(0);
  use(1);
  put("a");
  EXPECT_FALSE(take("a")) << "though no sweep has come yet";
}

TEST_F(HeldTest, EndsTheOldestAboveTheNumberAllowed) {
  profile_.responses.transactions = 2;
  use(1);
  for (const char* id : {"a", "b", "c"}) put(id);
  EXPECT_EQ(ended_, Ids{"a"});
  EXPECT_EQ(metric("transactions_held{app=\"shop\"}"), 2U);
  EXPECT_EQ(metric("transactions_unanswered_total{app=\"shop\",cause=\"evicted\"}"), 1U);
}

TEST_F(HeldTest, EndsTheOldestAboveTheBytesAllowed) {
  profile_.responses.store_bytes = 1'000'000;
  use(1);
  put("a");
  put("large", 75'000);  // weighs twelve times that
  EXPECT_EQ(ended_, Ids{"a"}) << "both would weigh more than a million bytes";
  put("larger", 100'000);
  EXPECT_EQ(ended_, (Ids{"a", "large", "larger"})) << "alone it weighs too much";
  EXPECT_EQ(metric("transactions_held_bytes{app=\"shop\"}"), 0U);
}

TEST_F(HeldTest, EndsWhatHasWaitedItsTime) {
  profile_.responses.hold = std::chrono::milliseconds(20);
  use(1);
  constexpr std::size_t kMany = 1000;  // more than end in one turn of the loop
  stop_at_ = kMany;
  for (std::size_t i = 0; i < kMany; ++i) put(std::to_string(i));
  loop_.run();
  EXPECT_EQ(metric("transactions_held{app=\"shop\"}"), 0U);
  EXPECT_EQ(metric("transactions_unanswered_total{app=\"shop\",cause=\"expired\"}"),
            kMany);
}

TEST_F(HeldTest, EndsThoseOfOldRules) {
  for (const std::uint64_t number : {1U, 2U, 3U}) {
    use(number);
    put(std::to_string(number));
  }
  held_.end_generations_below(3);
  EXPECT_EQ(ended_, (Ids{"1", "2"}));
  EXPECT_TRUE(take("3"));
}

TEST_F(HeldTest, EndsAllAtTheEnd) {
  put("a");
  put("b");
  held_.end_all();
  EXPECT_EQ(ended_, (Ids{"a", "b"}));
}

}  // namespace
}  // namespace spoa::serve
