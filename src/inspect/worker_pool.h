// The threads that inspect, and the queue in front of them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine.h"
#include "progress.h"
#include "ruleset.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"

namespace spoa::inspect {

/// One request to inspect. Shared by the loop thread, which answers for it when its time
/// is up, and the worker that has it. The request is only read once the job is submitted.
class Job {
 public:
  using Clock = Progress::Clock;

  Job(Request request, std::shared_ptr<const RuleSet> rules, std::uint64_t serial,
      const BodyLimits& bodies = {})
      : request_(std::make_shared<const Request>(std::move(request))),
        rules_(std::move(rules)),
        serial_(serial),
        bodies_(bodies) {}

  [[nodiscard]] const Request& request() const noexcept { return *request_; }
  /// For who keeps the request, but not the rules, beyond the answer.
  [[nodiscard]] const std::shared_ptr<const Request>& shared_request() const noexcept {
    return request_;
  }
  [[nodiscard]] const RuleSet& rules() const noexcept { return *rules_; }
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
  [[nodiscard]] const BodyLimits& bodies() const noexcept { return bodies_; }
  [[nodiscard]] Clock::time_point received() const noexcept { return received_; }

  [[nodiscard]] Progress& progress() noexcept { return progress_; }

 private:
  const std::shared_ptr<const Request> request_;
  const std::shared_ptr<const RuleSet> rules_;
  const std::uint64_t serial_;
  const BodyLimits bodies_;
  const Clock::time_point received_ = Clock::now();
  Progress progress_;
};

/// What a worker hands back.
struct Finished {
  std::shared_ptr<Job> job;
  Findings findings;
};

/// `workers` threads with an engine each, and one bounded queue. No lock is held while a
/// request is inspected.
class WorkerPool {
 public:
  /// `finished` is called on a worker thread, once for every job that was claimed.
  WorkerPool(std::size_t queue, std::function<void(Finished&&)> finished);
  /// Drops what waits, lets the requests being inspected end, and joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Starts the threads. False: the system gives no more of them, and none runs.
  bool start(std::size_t workers);

  /// Loop thread. False: the queue is full, and the job is not taken.
  bool submit(std::shared_ptr<Job> job);

  [[nodiscard]] std::size_t workers() const noexcept { return threads_.size(); }
  [[nodiscard]] std::size_t busy() const noexcept {
    return busy_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t waiting() const;

 private:
  void stop();
  void work(Engine& engine);
  std::shared_ptr<Job> take();
  void inspect(Engine& engine, std::shared_ptr<Job> job);

  const std::size_t capacity_;
  const std::function<void(Finished&&)> finished_;
  std::atomic<std::size_t> busy_{0};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> queue_;  // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_

  std::vector<std::unique_ptr<Engine>> engines_;  // outlive the threads
  std::vector<std::thread> threads_;
};

}  // namespace spoa::inspect
