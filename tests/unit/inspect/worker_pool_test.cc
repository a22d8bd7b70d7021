#include "worker_pool.h"

#include <future>
#include <set>
#include <string>
#include <thread>

#include "rules.h"

namespace spoa::inspect {
namespace {

constexpr std::size_t kBytes = 1 << 20U;  // more than any job here takes

/// Collects what workers hand back.
class Collector {
 public:
  void add(Finished&& done) {
    const std::lock_guard lock(mutex_);
    finished_.push_back(std::move(done));
    changed_.notify_all();
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_.size() >= count; });
  }
  std::vector<Finished>& finished() { return finished_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Finished> finished_;
};

std::shared_ptr<Job> job_of(std::shared_ptr<const RuleSet> rules, std::uint64_t serial,
                            std::string uri = "/") {
  return std::make_shared<Job>(request_of("GET", std::move(uri)),
                               profile_of(std::move(rules)), serial);
}

TEST(WorkerPool, HandsEveryJobBackOnce) {
  const auto rules =
      rules_of("SecRule ARGS:q \"@contains evil\" \"id:1,phase:2,deny\"\n");
  Collector collector;
  constexpr std::uint64_t kJobs = 200;
  {
    WorkerPool pool({kJobs, kBytes},
                    [&](Finished&& done) { collector.add(std::move(done)); });
    ASSERT_TRUE(pool.start(4));
    for (std::uint64_t serial = 0; serial < kJobs; ++serial) {
      ASSERT_TRUE(
          pool.submit(job_of(rules, serial, serial % 2 == 0 ? "/?q=evil" : "/?q=ok"))
              .taken);
    }
    collector.wait_for(kJobs);
  }
  std::set<std::uint64_t> serials;
  for (const Finished& done : collector.finished()) {
    serials.insert(done.job->serial());
    EXPECT_EQ(done.findings.intervention.has_value(), done.job->serial() % 2 == 0);
  }
  EXPECT_EQ(serials.size(), kJobs);
}

// The queue counted requests alone: a thousand of 8 MiB each were 8 GiB.
TEST(WorkerPool, LetsNoMoreBytesWaitThanMay) {
  const auto rules = rules_of("SecAction \"id:1,phase:1,pass,nolog\"\n");
  const auto job_with = [&](std::size_t bytes) {
    Request request = request_of("POST", "/");
    request.payload.resize(bytes);
    return std::make_shared<Job>(std::move(request), profile_of(rules), 1);
  };
  WorkerPool pool({100, 1000}, [](Finished&&) {});
  EXPECT_TRUE(pool.submit(job_with(3000)).taken) << "alone, any size waits";
  EXPECT_EQ(pool.submit(job_with(1)).shed.size(), 1U);
  EXPECT_TRUE(pool.submit(job_with(600)).shed.empty());
  EXPECT_TRUE(pool.submit(job_with(399)).shed.empty());
  const auto shed = pool.submit(job_with(500)).shed;
  ASSERT_EQ(shed.size(), 2U);
  EXPECT_EQ(shed[1]->message().payload.size(), 600U) << "oldest first";
  Collector collector;
  WorkerPool emptied({100, 1000},
                     [&](Finished&& done) { collector.add(std::move(done)); });
  EXPECT_TRUE(emptied.submit(job_with(1000)).taken);
  ASSERT_TRUE(emptied.start(1));
  collector.wait_for(1);
  EXPECT_TRUE(emptied.submit(job_with(1000)).shed.empty())
      << "what a worker took waits no more";
}

TEST(WorkerPool, SkipsWhatWasAnsweredWhileItWaited) {
  const auto rules = rules_of("SecAction \"id:1,phase:1,pass,nolog\"\n");
  Collector collector;
  const auto given_up = job_of(rules, 1);
  EXPECT_TRUE(given_up->progress().give_up_waiting()) << "no worker had begun";
  WorkerPool pool({10, kBytes}, [&](Finished&& done) { collector.add(std::move(done)); });
  ASSERT_TRUE(pool.start(1));
  ASSERT_TRUE(pool.submit(given_up).taken);
  ASSERT_TRUE(pool.submit(job_of(rules, 2)).taken);
  collector.wait_for(1);
  EXPECT_EQ(collector.finished()[0].job->serial(), 2U);
}

/// Counts, per client, the transactions that have ended: `ended` is there in phase 1 of
/// the next one.
constexpr std::string_view kCountsEnds =
    "SecAction \"id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}\"\n"
    "SecRule IP:ended \"@eq 1\" \"id:2,phase:2,pass,log,msg:'one has ended'\"\n"
    "SecRule IP:ended \"@gt 1\" \"id:3,phase:2,pass,log,msg:'more have ended'\"\n"
    "SecAction \"id:4,phase:5,pass,nolog,setvar:ip.ended=+1\"\n";

std::vector<std::int64_t> ids_of(const Finished& done) {
  std::vector<std::int64_t> ids;
  for (const RuleMatch& match : done.findings.matches) ids.push_back(match.id);
  return ids;
}

/// A pool of one worker, and what it hands back, in order.
class OneWorker {
 public:
  OneWorker() { EXPECT_TRUE(pool_.start(1)); }
  Finished run(const std::shared_ptr<Job>& job) {
    EXPECT_TRUE(pool_.submit(job).taken);
    collector_.wait_for(++count_);
    return std::move(collector_.finished()[count_ - 1]);
  }
  WorkerPool& pool() { return pool_; }

 private:
  Collector collector_;
  std::size_t count_ = 0;
  WorkerPool pool_{{10, kBytes},
                   [this](Finished&& done) { collector_.add(std::move(done)); }};
};

TEST(WorkerPool, KeepsATransactionUntilItIsToldToEndIt) {
  const auto rules = rules_of(kCountsEnds);
  OneWorker one;
  const auto job = job_of(rules, 1);
  job->keep_transaction();
  Finished kept = one.run(job);
  ASSERT_TRUE(kept.transaction);
  EXPECT_EQ(kept.transaction->worker(), 0U);

  EXPECT_TRUE(ids_of(one.run(job_of(rules, 2))).empty()) << "nothing has ended yet";
  one.pool().end(std::move(kept.transaction));
  while (!one.pool().idle()) std::this_thread::yield();  // jobs would come first
  EXPECT_EQ(ids_of(one.run(job_of(rules, 3))), std::vector<std::int64_t>{3});
}

TEST(WorkerPool, RunsAResponseOnItsRequestsTransactionAndEndsItOnce) {
  const auto rules = rules_of(kCountsEnds);
  OneWorker one;
  const auto job = job_of(rules, 1);
  job->keep_transaction();
  Finished kept = one.run(job);

  Request response = request_of("", "");
  response.response_status = 200;
  const auto answer = std::make_shared<Job>(std::move(response), profile_of(rules), 2);
  answer->continue_with(std::move(kept.transaction));
  const Finished& done = one.run(answer);
  EXPECT_EQ(done.findings.phase, 4);
  EXPECT_FALSE(done.transaction);
  EXPECT_EQ(ids_of(one.run(job_of(rules, 3))), std::vector<std::int64_t>{2});
}

TEST(WorkerPool, EndsWhatItDoesNotKeepAfterADenial) {
  const auto rules = rules_of(std::string(kCountsEnds) +
                              "SecRule ARGS:q \"@streq x\" \"id:5,phase:2,deny\"\n");
  OneWorker one;
  const auto job = job_of(rules, 1, "/?q=x");
  job->keep_transaction();
  EXPECT_FALSE(one.run(job).transaction) << "no response will come";
  EXPECT_EQ(ids_of(one.run(job_of(rules, 2))), std::vector<std::int64_t>{2});
}

TEST(Job, KnowsWhetherAWorkerHadBegun) {
  const auto job = job_of(rules_of("SecAction \"id:1,phase:1,pass,nolog\"\n"), 1);
  EXPECT_TRUE(job->progress().begin());
  EXPECT_FALSE(job->progress().give_up_waiting()) << "a worker had";
  EXPECT_TRUE(job->progress().given_up());
}

// The collections of one engine are read without a lock in libmodsecurity 3.0.9: these
// rules crash it when two workers share an engine.
TEST(WorkerPool, SurvivesRulesWithPersistentCollections) {
  const auto rules = rules_of(
      "SecAction \"id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}\"\n"
      "SecAction \"id:2,phase:2,pass,nolog,setvar:ip.count=+1,setvar:ip.%{ARGS.n}=1\"\n"
      "SecRule IP:/^[0-9]/ \"@eq 1\" \"id:3,phase:2,pass,nolog,setvar:!ip.%{ARGS.n}\"\n");
  Collector collector;
  constexpr std::uint64_t kJobs = 2000;
  WorkerPool pool({kJobs, kBytes},
                  [&](Finished&& done) { collector.add(std::move(done)); });
  ASSERT_TRUE(pool.start(4));
  for (std::uint64_t serial = 0; serial < kJobs; ++serial) {
    ASSERT_TRUE(
        pool.submit(job_of(rules, serial, "/?n=" + std::to_string(serial % 50))).taken);
  }
  collector.wait_for(kJobs);
  EXPECT_EQ(collector.finished().size(), kJobs);
}

}  // namespace
}  // namespace spoa::inspect
