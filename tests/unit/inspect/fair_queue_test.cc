#include "fair_queue.h"

#include <map>

#include "rules.h"

namespace spoa::inspect {
namespace {

using std::chrono::minutes;  // so that no machine is too slow

std::shared_ptr<Job> job_from(Origin origin, std::uint64_t serial = 0,
                              std::size_t bytes = 0) {
  static const auto profile = profile_of(rules_of("SecRuleEngine On\n"));
  Request request = request_of("GET", "/");
  request.payload.resize(bytes);
  return std::make_shared<Job>(std::move(request), profile, serial, origin);
}

/// A queue, and the clock that jobs come and go by: each takes what its test says.
class FairQueueTest : public testing::Test {
 protected:
  FairQueueTest() { queue_.set_time(minutes(400)); }

  void add(Origin origin, std::uint64_t serial = 0) {
    queue_.push(job_from(origin, serial));
  }
  /// Of a job that takes `cost` once it is taken.
  std::shared_ptr<Job> serve(minutes cost, minutes later = minutes(0)) {
    const auto taken = queue_.take(FairQueue::Clock::now() + later);
    if (taken.job) queue_.settle(taken.charge, cost);
    return taken.job;
  }

  FairQueue queue_;
};

TEST_F(FairQueueTest, GivesTheOldestFirstWhileThereIsTime) {
  for (std::uint64_t serial = 1; serial <= 3; ++serial) add({1, 1}, serial);
  for (std::uint64_t serial = 1; serial <= 3; ++serial) {
    EXPECT_EQ(serve(minutes(1))->serial(), serial);
  }
  EXPECT_FALSE(serve(minutes(1)));
}

TEST_F(FairQueueTest, GivesTheNewestFirstOnceTheOldestHasWaitedHalfItsTime) {
  for (std::uint64_t serial = 1; serial <= 3; ++serial) add({1, 1}, serial);
  EXPECT_EQ(serve(minutes(1), minutes(250))->serial(), 3U);
  EXPECT_EQ(serve(minutes(1), minutes(250))->serial(), 2U);
  EXPECT_EQ(serve(minutes(1))->serial(), 1U) << "still there, should time be left";
}

TEST_F(FairQueueTest, BeginsNothingThatCannotEndInTime) {
  for (int i = 0; i < 100; ++i) {
    add({1, 1});
    ASSERT_TRUE(serve(minutes(50)));
  }
  add({1, 1}, 7);
  EXPECT_FALSE(serve(minutes(50), minutes(390)));
  EXPECT_EQ(queue_.jobs(), 0U);
  add({1, 1}, 8);
  EXPECT_EQ(serve(minutes(50), minutes(300))->serial(), 8U);
}

// Were the estimate taken at its word, an application whose requests had once been slow
// would never be inspected again.
TEST_F(FairQueueTest, NeverTakesAllTimeForWhatAJobIsThoughtToNeed) {
  for (int i = 0; i < 100; ++i) {
    add({1, 1});
    ASSERT_TRUE(serve(minutes(5000)));
  }
  add({1, 1});
  EXPECT_TRUE(serve(minutes(1), minutes(290)));
}

TEST_F(FairQueueTest, SharesWorkersBetweenApplicationsNotRequests) {
  for (int i = 0; i < 300; ++i) add({1, static_cast<std::uint64_t>(i % 10)});
  for (int i = 0; i < 30; ++i) add({2, 100});
  std::map<std::uint32_t, int> served;
  for (int i = 0; i < 40; ++i) ++served[serve(minutes(1))->origin().application];
  EXPECT_NEAR(served[2], 20, 2) << "though the other asks ten times as much";
}

TEST_F(FairQueueTest, CountsTimeNotRequests) {
  std::map<std::uint32_t, int> served;
  for (int i = 0; i < 200; ++i) {
    add({1, 1});
    add({2, 2});
  }
  minutes spent[2] = {};
  for (int i = 0; i < 110; ++i) {
    const auto taken = queue_.take(FairQueue::Clock::now());
    const bool expensive = taken.job->origin().application == 1;
    const minutes cost(expensive ? 10 : 1);
    queue_.settle(taken.charge, cost);
    spent[expensive ? 0 : 1] += cost;
  }
  EXPECT_NEAR(static_cast<double>(spent[0].count()),
              static_cast<double>(spent[1].count()), 30);
}

TEST_F(FairQueueTest, SharesAnApplicationsTimeBetweenItsConnections) {
  for (int i = 0; i < 300; ++i) add({1, 1});
  for (int i = 0; i < 20; ++i) add({1, 2});
  int light = 0;
  for (int i = 0; i < 40; ++i) light += serve(minutes(1))->origin().connection == 2;
  EXPECT_NEAR(light, 20, 2);
}

TEST_F(FairQueueTest, LetsNobodySaveUpWhileItAsksForNothing) {
  for (int i = 0; i < 100; ++i) {
    add({1, 1});
    serve(minutes(10));
  }
  for (int i = 0; i < 100; ++i) add({1, 1});
  for (int i = 0; i < 100; ++i) add({2, 2});
  int newcomer = 0;
  for (int i = 0; i < 40; ++i) {
    newcomer += serve(minutes(10))->origin().application == 2;
  }
  EXPECT_NEAR(newcomer, 20, 2);
}

TEST_F(FairQueueTest, ShedsTheOldestOfTheLongestLineOfTheLargestShare) {
  add({1, 1}, 1);
  add({1, 2}, 2);
  add({1, 2}, 3);
  add({2, 3}, 4);
  add({2, 3}, 5);
  const auto shed = queue_.shed(FairQueue::Heaviest::kByJobs);
  EXPECT_EQ(shed->serial(), 2U);
  EXPECT_EQ(queue_.jobs(), 4U);
}

TEST_F(FairQueueTest, ShedsByBytesWhereBytesAreScarce) {
  add({1, 1}, 1);
  add({1, 1}, 2);
  queue_.push(job_from({2, 2}, 3, 5000));
  EXPECT_EQ(queue_.shed(FairQueue::Heaviest::kByBytes)->serial(), 3U);
  EXPECT_EQ(queue_.bytes(), 0U);
  EXPECT_EQ(queue_.jobs(), 2U);
}

TEST_F(FairQueueTest, ForgetsAJobWhereverItWaits) {
  const auto middle = job_from({1, 1}, 2, 10);
  add({1, 1}, 1);
  queue_.push(middle);
  add({1, 1}, 3);
  EXPECT_TRUE(queue_.remove(*middle));
  EXPECT_FALSE(queue_.remove(*middle)) << "it is not there any more";
  EXPECT_EQ(queue_.bytes(), 0U);
  EXPECT_EQ(serve(minutes(1))->serial(), 1U);
  EXPECT_EQ(serve(minutes(1))->serial(), 3U);
  EXPECT_FALSE(serve(minutes(1)));
}

TEST_F(FairQueueTest, GivesNothingTwiceAndLosesNothing) {
  std::uint64_t random = 1;
  const auto next = [&random](std::uint64_t below) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return (random >> 33U) % below;
  };
  std::map<std::uint64_t, std::shared_ptr<Job>> waiting;
  std::uint64_t serial = 0;
  const auto gone = [&](const std::shared_ptr<Job>& job) {
    ASSERT_TRUE(job);
    ASSERT_EQ(waiting.erase(job->serial()), 1U);
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t what = next(10);
    if (what < 5) {
      auto job = job_from({static_cast<std::uint32_t>(next(3)), next(5)}, ++serial);
      waiting[serial] = job;
      queue_.push(std::move(job));
    } else if (waiting.empty()) {
      ASSERT_FALSE(serve(minutes(1)));
    } else if (what < 8) {
      const minutes later(next(2) == 0 ? 0 : 250);
      gone(serve(minutes(static_cast<int>(next(20))), later));
    } else if (what < 9) {
      gone(queue_.shed(FairQueue::Heaviest::kByJobs));
    } else {
      const auto job = waiting.begin()->second;
      ASSERT_TRUE(queue_.remove(*job));
      gone(job);
    }
    ASSERT_EQ(queue_.jobs(), waiting.size());
  }
}

}  // namespace
}  // namespace spoa::inspect
