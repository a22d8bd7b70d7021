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

void push(WorkerQueue& queue, const std::shared_ptr<Job>& job) {
  const Pushed pushed = queue.push(job);
  ASSERT_TRUE(pushed.taken);
  ASSERT_TRUE(pushed.shed.empty());
}

// Half their work is done, and there are never more of them than have been let through.
TEST(WorkerQueue, GivesResponsesBeforeRequests) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  push(queue, request_job(1));
  push(queue, response_job(2, 0));
  push(queue, request_job(3));
  push(queue, response_job(4, 0));
  for (const std::uint64_t serial : {2U, 4U, 1U, 3U}) {
    EXPECT_EQ(queue.take(0)->job->serial(), serial);
  }
}

TEST(WorkerQueue, GivesAResponseToTheWorkerOfItsRequest) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  push(queue, response_job(1, 1));
  push(queue, request_job(2));
  EXPECT_EQ(queue.take(0)->job->serial(), 2U);
  EXPECT_EQ(queue.take(1)->job->serial(), 1U);
}

TEST(WorkerQueue, MakesRoomForTheNewestByTheOldest) {
  WorkerQueue queue({2, 1 << 20});
  queue.add_worker();
  push(queue, request_job(1));
  push(queue, request_job(2));
  const Pushed pushed = queue.push(request_job(3));
  EXPECT_TRUE(pushed.taken);
  ASSERT_EQ(pushed.shed.size(), 1U);
  EXPECT_EQ(pushed.shed[0]->serial(), 1U);
  EXPECT_EQ(queue.waiting(), 2U);
}

TEST(WorkerQueue, BoundsAllThatWaitsButEndings) {
  WorkerQueue queue({2, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  push(queue, response_job(1, 1));
  push(queue, response_job(2, 1));
  EXPECT_FALSE(queue.push(request_job(3)).taken) << "no response makes room";
  const auto refused = response_job(4, 0);
  EXPECT_FALSE(queue.push(refused).taken);
  EXPECT_TRUE(refused->transaction()) << "still the caller's";
  queue.push_ending(transaction_of(0));
  EXPECT_EQ(queue.waiting(), 2U);
}

// One worker that hung took the queue from all others: what only it may take stayed
// there, counted, after it had been answered.
TEST(WorkerQueue, CountsNoMoreWhatWasAnsweredWhileItWaitedForItsWorker) {
  WorkerQueue queue({2, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  const auto pinned = response_job(1, 1);
  push(queue, pinned);
  push(queue, request_job(2));
  queue.forget(*pinned);
  EXPECT_EQ(queue.waiting(), 1U);
  push(queue, request_job(3));
  EXPECT_TRUE(queue.take(1)->job) << "a job first";
  EXPECT_TRUE(queue.take(1)->job);
  EXPECT_TRUE(queue.take(1)->ending) << "its transaction is still to be ended";
  queue.forget(*pinned);  // once more: no effect
  EXPECT_EQ(queue.waiting(), 0U);
}

TEST(WorkerQueue, LeavesToAWorkerThatTakesNoPartOnlyWhatIsItsOwn) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  queue.take_part(0, false);
  push(queue, request_job(1));
  push(queue, response_job(2, 0));
  queue.push_ending(transaction_of(0));
  EXPECT_EQ(queue.take(0)->job->serial(), 2U);
  EXPECT_TRUE(queue.take(0)->ending);
  EXPECT_EQ(queue.waiting(), 1U);
  queue.take_part(0, true);
  EXPECT_EQ(queue.take(0)->job->serial(), 1U);
}

TEST(WorkerQueue, WakesAWorkerThatIsToTakePartAgain) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  queue.take_part(0, false);
  std::thread worker([&] {
    EXPECT_EQ(queue.take(0)->job->serial(), 1U);
    EXPECT_FALSE(queue.take(0)) << "closed";
  });
  push(queue, request_job(1));
  queue.take_part(0, true);
  while (!queue.idle()) std::this_thread::yield();
  queue.close();
  worker.join();
}

TEST(WorkerQueue, KnowsSinceWhenAWorkerIsAtWhat) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  push(queue, request_job(1));
  const auto errand = queue.take(1);
  const auto now = Job::Clock::now();
  EXPECT_TRUE(queue.busy_since(now - std::chrono::hours(1)).empty());
  const auto busy = queue.busy_since(now + std::chrono::hours(1));
  const auto at = std::find_if(busy.begin(), busy.end(),
                               [](const Occupation& each) { return each.worker == 1; });
  ASSERT_NE(at, busy.end());
  EXPECT_EQ(at->job.lock(), errand->job);
  EXPECT_EQ(at->message.lock(), errand->job->shared_message());
}

TEST(WorkerQueue, EndsTransactionsBesideAStreamOfJobs) {
  WorkerQueue queue({100, 1 << 20});
  queue.add_worker();
  queue.push_ending(transaction_of(0));
  for (std::uint64_t serial = 1; serial <= 10; ++serial) {
    push(queue, request_job(serial));
  }
  int before = 0;
  while (queue.take(0)->job) ++before;
  EXPECT_GT(before, 0) << "jobs come first";
  EXPECT_LT(before, 10) << "but not for ever";
}

// One ending for every four jobs, when each job leaves one behind: under a flood of
// requests without responses they took all the memory.
TEST(WorkerQueue, EndsAsManyTransactionsAsJobsLeaveBehind) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  std::size_t ended = 0;
  constexpr std::size_t kJobs = 2000;
  for (std::uint64_t serial = 1; serial <= kJobs;) {
    while (queue.waiting() < 5) push(queue, request_job(++serial));
    const auto errand = queue.take(0);
    errand->job ? queue.push_ending(transaction_of(0)) : static_cast<void>(++ended);
  }
  EXPECT_GT(ended, kJobs - 300);
}

TEST(WorkerQueue, LeavesTransactionsToBeEndedWhenItCloses) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  push(queue, request_job(1));
  push(queue, response_job(2, 0));
  queue.push_ending(transaction_of(0));
  queue.close();
  EXPECT_TRUE(queue.take(0)->ending);
  EXPECT_TRUE(queue.take(0)->ending);
  EXPECT_FALSE(queue.take(0));
}

TEST(WorkerQueue, WakesTheWorkerThatAnErrandIsFor) {
  WorkerQueue queue({10, 1 << 20});
  queue.add_worker();
  queue.add_worker();
  queue.add_worker();
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
