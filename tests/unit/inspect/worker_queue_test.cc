#include "worker_queue.h"

#include "rules.h"

namespace spoa::inspect {
namespace {

std::shared_ptr<const Profile> no_rules() {
  return profile_of(rules_of("SecAction \"id:1,phase:1,pass,nolog\"\n"));
}

std::shared_ptr<Job> request_job(std::uint64_t serial) {
  return std::make_shared<Job>(request_of("GET", "/"), no_rules(), serial);
}

std::unique_ptr<Transaction> transaction_of(std::size_t worker) {
  return std::make_unique<Transaction>(
      test_engine(), worker, no_rules(),
      std::make_shared<const Request>(request_of("GET", "/")));
}

std::shared_ptr<Job> response_job(std::uint64_t serial, std::size_t worker) {
  auto job = request_job(serial);
  job->continue_with(transaction_of(worker));
  return job;
}

TEST(WorkerQueue, GivesTheOldestFirstWhoeverItIsFor) {
  WorkerQueue queue({10, 1 << 20});
  queue.set_workers(1);
  ASSERT_TRUE(queue.push(response_job(1, 0)));
  ASSERT_TRUE(queue.push(request_job(2)));
  ASSERT_TRUE(queue.push(response_job(3, 0)));
  ASSERT_TRUE(queue.push(request_job(4)));
  for (const std::uint64_t serial : {1U, 2U, 3U, 4U}) {
    EXPECT_EQ(queue.take(0)->job->serial(), serial);
  }
}

TEST(WorkerQueue, GivesAResponseToTheWorkerOfItsRequest) {
  WorkerQueue queue({10, 1 << 20});
  queue.set_workers(2);
  ASSERT_TRUE(queue.push(response_job(1, 1)));
  ASSERT_TRUE(queue.push(request_job(2)));
  EXPECT_EQ(queue.take(0)->job->serial(), 2U);
  EXPECT_EQ(queue.take(1)->job->serial(), 1U);
}

TEST(WorkerQueue, BoundsAllThatWaitsButEndings) {
  WorkerQueue queue({2, 1 << 20});
  queue.set_workers(2);
  EXPECT_TRUE(queue.push(request_job(1)));
  EXPECT_TRUE(queue.push(response_job(2, 1)));
  EXPECT_FALSE(queue.push(request_job(3)));
  const auto refused = response_job(4, 0);
  EXPECT_FALSE(queue.push(refused));
  EXPECT_TRUE(refused->transaction()) << "still the caller's";
  queue.push_ending(transaction_of(0));
  EXPECT_EQ(queue.waiting(), 2U);
}

// One worker that hung took the queue from all others: what only it may take stayed
// there, counted, after it had been answered.
TEST(WorkerQueue, CountsNoMoreWhatWasAnsweredWhileItWaitedForItsWorker) {
  WorkerQueue queue({2, 1 << 20});
  queue.set_workers(2);
  const auto pinned = response_job(1, 1);
  ASSERT_TRUE(queue.push(pinned));
  ASSERT_TRUE(queue.push(request_job(2)));
  EXPECT_FALSE(queue.push(request_job(3)));
  queue.forget(*pinned);
  EXPECT_EQ(queue.waiting(), 1U);
  EXPECT_TRUE(queue.push(request_job(3)));
  EXPECT_TRUE(queue.take(1)->job) << "a job first";
  EXPECT_TRUE(queue.take(1)->job);
  EXPECT_TRUE(queue.take(1)->ending) << "its transaction is still to be ended";
  queue.forget(*pinned);  // once more: no effect
  EXPECT_EQ(queue.waiting(), 0U);
}

TEST(WorkerQueue, EndsTransactionsBesideAStreamOfJobs) {
  WorkerQueue queue({100, 1 << 20});
  queue.set_workers(1);
  queue.push_ending(transaction_of(0));
  for (std::uint64_t serial = 1; serial <= 10; ++serial) {
    ASSERT_TRUE(queue.push(request_job(serial)));
  }
  int before = 0;
  while (queue.take(0)->job) ++before;
  EXPECT_GT(before, 0) << "jobs come first";
  EXPECT_LT(before, 10) << "but not for ever";
}

TEST(WorkerQueue, LeavesTransactionsToBeEndedWhenItCloses) {
  WorkerQueue queue({10, 1 << 20});
  queue.set_workers(1);
  ASSERT_TRUE(queue.push(request_job(1)));
  ASSERT_TRUE(queue.push(response_job(2, 0)));
  queue.push_ending(transaction_of(0));
  queue.close();
  EXPECT_TRUE(queue.take(0)->ending);
  EXPECT_TRUE(queue.take(0)->ending);
  EXPECT_FALSE(queue.take(0));
}

TEST(WorkerQueue, WakesTheWorkerThatAnErrandIsFor) {
  WorkerQueue queue({10, 1 << 20});
  queue.set_workers(3);
  std::atomic<std::size_t> ended{0};
  std::vector<std::thread> threads;
  for (std::size_t worker = 0; worker < 3; ++worker) {
    threads.emplace_back([&, worker] {
      while (const auto errand = queue.take(worker)) {
        EXPECT_EQ(errand->ending->worker(), worker);
        ++ended;
      }
    });
  }
  for (std::size_t i = 0; i < 30; ++i) queue.push_ending(transaction_of(i % 3));
  while (!queue.idle()) std::this_thread::yield();
  EXPECT_EQ(ended, 30U);
  queue.close();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace spoa::inspect
