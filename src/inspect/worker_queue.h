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

/// One deque for all workers and one for each, served oldest first across both: neither
/// can starve the other. Any thread.
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

  /// For any worker; or, when it continues a transaction, for that one's. False: full,
  /// and the job is not taken.
  bool push(const std::shared_ptr<Job>& job);
  void push_ending(std::unique_ptr<Transaction> transaction);

  /// Waits for the next errand of this worker. Nothing: closed, and no ending is left.
  std::optional<Errand> take(std::size_t worker);

  /// Drops the jobs that wait, but keeps the transactions they continue, to be ended.
  void close();

  /// Jobs.
  [[nodiscard]] std::size_t waiting() const;
  /// Nothing waits, and every worker waits for something to do.
  [[nodiscard]] bool idle() const;

 private:
  using Clock = Job::Clock;
  struct Waiting {
    Errand errand;
    Clock::time_point since;
  };
  struct Own {
    std::deque<Waiting> errands;
    std::condition_variable wake;
    bool idle = false;
  };

  void give_to(std::size_t worker, Waiting waiting);
  void wake(std::size_t worker);
  std::optional<Errand> next(Own& own);

  const Limits limits_;
  mutable std::mutex mutex_;  // guards all that follows
  std::deque<Waiting> shared_;
  std::vector<std::unique_ptr<Own>> own_;
  std::vector<std::size_t> idle_;  // workers that wait, the last to be woken first
  std::size_t jobs_ = 0;
  std::size_t bytes_ = 0;  // the jobs'
  bool closed_ = false;
};

}  // namespace spoa::inspect
