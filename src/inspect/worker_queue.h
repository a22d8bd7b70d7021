// What waits for the workers: messages that any of them may take, and what is for one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fair_queue.h"
#include "job.h"

namespace spoa::inspect {

/// A job; or a transaction to end.
struct Errand {
  std::shared_ptr<Job> job;
  std::unique_ptr<Transaction> ending;
};

/// What a worker is at, and since when. Keeps nothing alive.
struct Occupation {
  std::size_t worker = 0;
  std::weak_ptr<Job> job;  ///< nothing: it ends a transaction
  std::weak_ptr<const Request> message;
  std::weak_ptr<const Profile> profile;
  Job::Clock::time_point begun;
};

/// What became of a job that was to wait.
struct Pushed {
  bool taken = false;  ///< false: there is no room for it
  /// Jobs that have made room. They wait no more: answer for them.
  std::vector<std::shared_ptr<Job>> shed;
};

/// A fair queue for all workers, and a deque for each of jobs that continue a transaction
/// of its: those come first, since half their work is done, and there are never more of
/// them than it has let through. Transactions to end come when there is no job, and after
/// every few jobs. Any thread.
class WorkerQueue {
 public:
  /// Of the jobs that wait, over all deques. The payloads' bytes count; a job alone
  /// always may wait. Endings find room, too: their number is bounded by who keeps
  /// transactions.
  struct Limits {
    std::size_t jobs = 0;
    std::size_t bytes = 0;
    std::chrono::milliseconds time = std::chrono::hours(24);  ///< from receipt to answer
  };
  explicit WorkerQueue(Limits limits) { set_limits(limits); }
  /// For jobs that come from now on.
  void set_limits(Limits limits);

  /// One more worker, that take() may be called for. Returns its number: 0, 1, 2, ...
  std::size_t add_worker();
  /// A worker that is not to take part does only what nobody else can: jobs and endings
  /// of its own transactions. At first every worker takes part.
  void take_part(std::size_t worker, bool does);

  /// For any worker; or, when it continues a transaction, for that one's.
  Pushed push(const std::shared_ptr<Job>& job);
  void push_ending(std::unique_ptr<Transaction> transaction);

  /// A job that was answered while it waits takes no room any more; its transaction, if
  /// it continues one, is left to be ended.
  void forget(const Job& job);

  /// Waits for the next errand of this worker, which has done the one before. Nothing:
  /// closed, and no ending is left.
  std::optional<Errand> take(std::size_t worker);

  /// Drops the jobs that wait, but keeps the transactions they continue, to be ended.
  void close();

  /// Workers that have been at the same thing since before `moment`.
  [[nodiscard]] std::vector<Occupation> busy_since(Job::Clock::time_point moment) const;
  /// Jobs.
  [[nodiscard]] std::size_t waiting() const;
  /// Nothing waits, and every worker waits for something to do.
  [[nodiscard]] bool idle() const;

 private:
  using Clock = Job::Clock;
  struct Own {
    std::deque<std::shared_ptr<Job>> jobs;
    std::deque<std::unique_ptr<Transaction>> endings;
    int jobs_in_a_row = 0;  // while endings waited
    std::condition_variable wake;
    bool idle = false;
    bool takes_part = true;
    std::optional<FairQueue::Charge> charge;  // for the job it is at
    Occupation at;                            // while not idle
  };

  bool make_room(std::size_t bytes, Pushed& pushed);
  void wake(std::size_t worker);
  void wake_any();
  void settle(Own& own);
  std::optional<Errand> next(Own& own);
  static void note(Own& own, const Errand& errand);
  std::shared_ptr<Job> next_job(Own& own);
  [[nodiscard]] bool has_job(const Own& own) const;
  void count_out(const Job& job);
  [[nodiscard]] std::size_t jobs() const { return shared_.jobs() + own_jobs_; }
  [[nodiscard]] std::size_t bytes() const { return shared_.bytes() + own_bytes_; }

  mutable std::mutex mutex_;  // guards all that follows
  Limits limits_;
  FairQueue shared_;
  std::vector<std::unique_ptr<Own>> own_;
  std::vector<std::size_t> idle_;  // that take part; the last to be woken first
  std::size_t own_jobs_ = 0;       // of all workers
  std::size_t own_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace spoa::inspect
