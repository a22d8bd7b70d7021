// The threads that inspect.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine.h"
#include "job.h"
#include "worker_queue.h"

namespace spoa::inspect {

/// A worker that does not come back from one message.
struct Hung {
  std::size_t worker = 0;
  std::shared_ptr<const Request> message;
  std::string application;
  int phase = 0;  ///< 0: no rule has run yet
  std::chrono::milliseconds age{0};
};

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
  /// Loop thread. For jobs that come from now on.
  void set_limits(WorkerQueue::Limits limits) { queue_.set_limits(limits); }

  /// Loop thread. The job may push out others, or not be taken.
  Pushed submit(const std::shared_ptr<Job>& job) { return queue_.push(job); }
  /// Loop thread. Runs phase 5 on the transaction's worker, and frees it there.
  void end(std::unique_ptr<Transaction> transaction) {
    queue_.push_ending(std::move(transaction));
  }
  /// Loop thread. The job has been answered: it takes no place in the queue any more.
  void forget(const Job& job) { queue_.forget(job); }

  /// Loop thread, now and then. Finds the workers that have been at one message for
  /// longer than `limit`; returns those newly found. A thread cannot be ended from
  /// outside: another one takes the place of each, up to as many as there are workers. A
  /// worker that comes back after all stands by until the next one hangs.
  std::vector<Hung> replace_hung(std::chrono::milliseconds limit);

  /// Workers that take part: those asked for, unless more hang than can be replaced.
  [[nodiscard]] std::size_t workers() const noexcept { return taking_part_; }
  /// Workers that hang now.
  [[nodiscard]] std::size_t hung() const noexcept { return hung_; }
  [[nodiscard]] bool hangs(std::size_t worker) const { return workers_[worker]->hangs; }
  [[nodiscard]] std::size_t busy() const noexcept {
    return busy_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t waiting() const { return queue_.waiting(); }
  /// Nothing is being done, and nothing waits.
  [[nodiscard]] bool idle() const { return queue_.idle(); }

 private:
  struct Worker {
    Engine engine;
    std::thread thread;
    bool hangs = false;  // loop thread
    bool takes_part = true;
  };

  void stop();
  void add_worker();
  void take_part(std::size_t worker, bool does);
  void release(const std::vector<Occupation>& busy);
  void replace();
  void work(Engine& engine, std::size_t worker);
  void run(Engine& engine, std::size_t worker, Errand errand);

  const std::function<void(Finished&&)> finished_;
  std::atomic<std::size_t> busy_{0};
  std::size_t wanted_ = 0;
  std::size_t taking_part_ = 0;
  std::size_t hung_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;  // their engines outlive what waits
  WorkerQueue queue_;
};

}  // namespace spoa::inspect
