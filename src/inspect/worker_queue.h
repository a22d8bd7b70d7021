// What waits for the workers: messages that any of them may take, and what is for one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "job.h"

namespace spoa::inspect {

/// A job; or a transaction to end.
struct Errand {
  std::shared_ptr<Job> job;
  std::unique_ptr<Transaction> ending;
};

/// One deque of jobs for all workers and one for each, served oldest first across both:
/// neither can starve the other. Transactions to end come when there is no job, and after
/// every few jobs. Any thread.
class WorkerQueue {
 public:
  /// Of the jobs that wait, over all deques. The payloads' bytes count; a job alone
  /// always may wait. Endings find room, too: their number is bounded by who keeps
  /// transactions.
  struct Limits {
    std::size_t jobs = 0;
    std::size_t bytes = 0;
  };
  explicit WorkerQueue(Limits limits) : limits_(limits) {}

  /// Before the workers' first take().
  void set_workers(std::size_t workers);

  /// Of jobs pushed later; those that wait stay.
  void set_most_jobs(std::size_t jobs);

  /// For any worker; or, when it continues a transaction, for that one's. False: full,
  /// and the job is not taken.
  bool push(const std::shared_ptr<Job>& job);
  void push_ending(std::unique_ptr<Transaction> transaction);

  /// A job that was answered while it waits, and that one worker alone may take, waits no
  /// more, however long that worker is busy: its transaction is left to be ended.
  void forget(const Job& job);

  /// Waits for the next errand of this worker. Nothing: closed, and no ending is left.
  std::optional<Errand> take(std::size_t worker);

  /// Drops the jobs that wait, but keeps the transactions they continue, to be ended.
  void close();

  /// Jobs.
  [[nodiscard]] std::size_t waiting() const;
  /// Nothing waits, and every worker waits for something to do.
  [[nodiscard]] bool idle() const;

 private:
  using Jobs = std::deque<std::shared_ptr<Job>>;
  struct Own {
    Jobs jobs;
    std::deque<std::unique_ptr<Transaction>> endings;
    int jobs_in_a_row = 0;  // while endings waited
    std::condition_variable wake;
    bool idle = false;
  };

  void wake(std::size_t worker);
  std::optional<Errand> next(Own& own);
  std::shared_ptr<Job> next_job(Own& own);
  void uncount(const Job& job);

  mutable std::mutex mutex_;  // guards all that follows
  Limits limits_;
  Jobs shared_;
  std::vector<std::unique_ptr<Own>> own_;
  std::vector<std::size_t> idle_;  // workers that wait, the last to be woken first
  std::size_t jobs_ = 0;
  std::size_t bytes_ = 0;  // the jobs'
  bool closed_ = false;
};

}  // namespace spoa::inspect
