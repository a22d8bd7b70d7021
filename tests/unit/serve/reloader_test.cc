// Reloads, those who wait for them, and where old generations end.
#include "serve/reloader.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "serve/graveyard.h"
#include "serve/reload_answers.h"

namespace spoa::serve {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnHour{3'600'000};

/// Loads that end when the test says so.
class Gate {
 public:
  void open(int loads = 1) {
    const std::lock_guard lock(mutex_);
    open_ += loads;
    wake_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return open_ > 0; });
    --open_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  int open_ = 0;
};

class ReloaderTest : public testing::Test {
 protected:
  Reloader::Parts parts(milliseconds patience) {
    return {loop_,
            [this](std::uint64_t number) -> LoadResult {
              gate_.pass();
              numbers_.push_back(number);
              if (fails_) return std::vector{unknown_failure("as the test wants")};
              auto generation = std::make_unique<Generation>();
              generation->number = number;
              Loaded loaded;
              loaded.generation = std::move(generation);
              return loaded;
            },
            [this](Reloader::Run run) { begun_.push_back(run); },
            [this](Reloader::Run run) {
              hung_.push_back(run);
              loop_.stop();
            },
            [this](Reloader::Run run, LoadResult&& result) {
              ended_.push_back(run);
              good_.push_back(result.has_value());
              if (ended_.size() == stop_at_) loop_.stop();
            },
            patience};
  }
  void run_until_ended(std::size_t times) {
    stop_at_ = times;
    loop_.run();
  }

  using Runs = std::vector<Reloader::Run>;
  accept::Loop loop_;
  Gate gate_;
  std::atomic<bool> fails_{false};
  std::vector<std::uint64_t> numbers_;  // of the reloads' threads, one after the other
  Runs begun_, hung_, ended_;
  std::vector<bool> good_;
  std::size_t stop_at_ = 0;
};

TEST_F(ReloaderTest, GivesWhoComesDuringAReloadTheNextOne) {
  Reloader reloader(parts(kAnHour));
  EXPECT_FALSE(reloader.busy());
  EXPECT_EQ(reloader.begin(), 1U);
  EXPECT_TRUE(reloader.busy());
  EXPECT_GT(reloader.running_for().count(), 0);
  EXPECT_EQ(reloader.begin(), 2U) << "the files may have changed since";
  EXPECT_EQ(reloader.begin(), 2U) << "once, however often it is asked for";
  gate_.open(2);
  run_until_ended(2);
  EXPECT_EQ(begun_, (Runs{1, 2}));
  EXPECT_EQ(ended_, (Runs{1, 2}));
  EXPECT_EQ(numbers_, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_FALSE(reloader.busy());
  EXPECT_EQ(reloader.running_for().count(), 0);
}

TEST_F(ReloaderTest, GivesANumberToSuccessesAlone) {
  Reloader reloader(parts(kAnHour));
  fails_ = true;
  gate_.open(3);
  reloader.begin();
  run_until_ended(1);
  fails_ = false;
  reloader.begin();
  run_until_ended(2);
  reloader.begin();
  run_until_ended(3);
  EXPECT_EQ(numbers_, (std::vector<std::uint64_t>{2, 2, 3}));
  EXPECT_EQ(good_, (std::vector<bool>{false, true, true}));
}

TEST_F(ReloaderTest, SaysThatALoadHangsAndTakesItsEndAllTheSame) {
  Reloader reloader(parts(milliseconds{1}));
  reloader.begin();
  loop_.run();
  EXPECT_EQ(hung_, Runs{1});
  EXPECT_TRUE(ended_.empty());
  gate_.open();
  run_until_ended(1);
  EXPECT_EQ(ended_, Runs{1});
}

TEST_F(ReloaderTest, BeginsNoneOnceItIsStopped) {
  Reloader reloader(parts(kAnHour));
  reloader.begin();
  reloader.begin();
  reloader.stop();
  gate_.open(2);
  run_until_ended(1);
  EXPECT_FALSE(reloader.busy());
  EXPECT_EQ(begun_, Runs{1});
}

/// Waiters, and the statuses they were told.
class ReloadAnswersTest : public testing::Test {
 protected:
  void add(ReloadAnswers& answers, Reloader::Run run) {
    const std::size_t index = statuses_.size();
    statuses_.push_back(0);
    answers.add(run, [this, index](const accept::HttpAnswer& answer) {
      statuses_[index] = answer.status;
      body_ = answer.body;
      loop_.stop();
    });
  }

  accept::Loop loop_;
  std::vector<int> statuses_;
  std::string body_;
};

TEST_F(ReloadAnswersTest, ComeWithTheReloadThatWasWaitedFor) {
  ReloadAnswers answers(loop_, kAnHour);
  for (const Reloader::Run run : {1U, 2U, 2U, 3U}) add(answers, run);
  Generation generation;
  generation.number = 7;
  generation.applications.push_back({"shop", {}, nullptr});
  answers.end(1,
              refused_answer(generation, {{"rules.conf", 3, 0, "a fault", "mend it"}}));
  EXPECT_EQ(statuses_, (std::vector<int>{422, 0, 0, 0}));
  EXPECT_NE(body_.find("\"place\": \"rules.conf:3:1\""), std::string::npos) << body_;
  EXPECT_NE(body_.find("\"remedy\": \"mend it\""), std::string::npos) << body_;
  answers.end(2, reloaded_answer(generation, {{"workers", "2", "3"}}));
  EXPECT_EQ(statuses_, (std::vector<int>{422, 200, 200, 0}));
  EXPECT_NE(body_.find("\"ruleset\": 7"), std::string::npos) << body_;
  EXPECT_NE(body_.find("\"wanted\": \"3\""), std::string::npos) << body_;
  answers.end_all(draining_answer());
  EXPECT_EQ(statuses_, (std::vector<int>{422, 200, 200, 503}));
}

TEST_F(ReloadAnswersTest, DoNotWaitForALoadThatHangs) {
  ReloadAnswers answers(loop_, milliseconds{1});
  add(answers, 1);
  loop_.run();
  EXPECT_EQ(statuses_, std::vector<int>{504});
  answers.end(1, draining_answer());
  EXPECT_EQ(statuses_, std::vector<int>{504}) << "each is answered once";
}

TEST_F(ReloadAnswersTest, AreKeptForSoManyAndNoMore) {
  ReloadAnswers answers(loop_, kAnHour);
  for (int i = 0; i < 65; ++i) add(answers, 1);
  EXPECT_EQ(statuses_[63], 0);
  EXPECT_EQ(statuses_[64], 503);
}

// File names are bytes. What is no UTF-8 made the JSON library throw.
TEST_F(ReloadAnswersTest, BearAnyBytes) {
  const auto answer = refused_answer({}, {{"\xff.conf", 1, 1, "a\xfe", ""}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(answer.body.find(".conf"), std::string::npos);
}

TEST(Graveyard, FreesOnAThreadOfItsOwnWhatNobodyHoldsAnyMore) {
  std::atomic<bool> freed{false};
  std::thread::id freed_by;
  {
    Graveyard graveyard;
    auto made = std::make_unique<Generation>();
    made->applications.push_back(
        {"shop", {}, {new inspect::Profile, [&](const inspect::Profile* profile) {
                        delete profile;
                        freed_by = std::this_thread::get_id();
                        freed = true;
                      }}});
    auto held = graveyard.adopt(std::move(made));
    auto other = graveyard.adopt(std::make_unique<Generation>());
    EXPECT_EQ(graveyard.live(), 2U);
    const auto again = held;
    held = nullptr;
    EXPECT_FALSE(freed) << "somebody still holds it";
    other = nullptr;
  }
  EXPECT_TRUE(freed) << "the last holder went before the graveyard";
  EXPECT_NE(freed_by, std::this_thread::get_id());
}

}  // namespace
}  // namespace spoa::serve
