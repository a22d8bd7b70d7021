// The threads that inspect.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engine.h"
#include "job.h"
#include "worker_queue.h"

namespace spoa::inspect {

/// `workers` threads with an engine each, and one bounded queue. No lock is held while a
/// message is inspected.
class WorkerPool {
 public:
  /// `finished` is called on a worker thread, once for every job that was claimed.
  WorkerPool(WorkerQueue::Limits limits, std::function<void(Finished&&)> finished);
  /// Drops the jobs that wait, lets those being inspected end, ends the transactions it
  /// was given, and joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Starts the threads. False: the system gives no more of them, and none runs.
  bool start(std::size_t workers);

  /// Loop thread. False: the queue is full, and the job is not taken.
  bool submit(const std::shared_ptr<Job>& job) { return queue_.push(job); }
  /// Loop thread. Runs phase 5 on the transaction's worker, and frees it there.
  void end(std::unique_ptr<Transaction> transaction) {
    queue_.push_ending(std::move(transaction));
  }

  /// Loop thread. From now on so many jobs may wait.
  void set_most_waiting(std::size_t jobs) { queue_.set_most_jobs(jobs); }

  /// Loop thread. The job has been answered: it takes no place in the queue any more.
  void forget(const Job& job) { queue_.forget(job); }

  [[nodiscard]] std::size_t workers() const noexcept { return threads_.size(); }
  [[nodiscard]] std::size_t busy() const noexcept {
    return busy_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t waiting() const { return queue_.waiting(); }
  /// Nothing is being done, and nothing waits.
  [[nodiscard]] bool idle() const { return queue_.idle(); }

 private:
  void stop();
  void work(Engine& engine, std::size_t worker);
  void run(Engine& engine, std::size_t worker, Errand errand);

  const std::function<void(Finished&&)> finished_;
  std::atomic<std::size_t> busy_{0};
  std::vector<std::unique_ptr<Engine>> engines_;  // outlive what waits, and the threads
  WorkerQueue queue_;
  std::vector<std::thread> threads_;
};

}  // namespace spoa::inspect
