#include "worker_pool.h"

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <optional>
#include <string>

#include "log.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

/// Signals are for the loop thread.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void log_engine_error(const Request& request, std::string_view what) {
  static log::RateLimit limit;
  std::uint64_t suppressed = 0;
  if (!limit.allow(suppressed)) return;
  log::error("engine-error",
             {{"id", request.id}, {"error", what}, {"suppressed", suppressed}},
             "the library failed over a request; its application's on-failure decides");
}

/// Runs the library and keeps its exceptions: one request's trouble is nobody else's.
template <typename Work>
bool survives(const Request& request, Work work) {
  try {
    work();
    return true;
  } catch (const std::exception& e) {
    log_engine_error(request, e.what());
  } catch (...) {
    log_engine_error(request, "unknown");
  }
  return false;
}

}  // namespace

WorkerPool::WorkerPool(std::size_t queue, std::function<void(Finished&&)> finished)
    : capacity_(queue), finished_(std::move(finished)) {}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::start(std::size_t workers) {
  try {
    for (std::size_t i = 0; i < workers; ++i) {
      engines_.push_back(std::make_unique<Engine>());
      threads_.emplace_back([this, &engine = *engines_.back(), i] {
        block_signals();
        pthread_setname_np(pthread_self(), ("worker-" + std::to_string(i)).c_str());
        work(engine);
      });
    }
  } catch (const std::exception& e) {
    log::error(
        "workers-failed", {{"started", threads_.size()}, {"error", e.what()}},
        "the system gives no more threads; set fewer workers, or raise its limits");
    stop();
    return false;
  }
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool WorkerPool::submit(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::work(Engine& engine) {
  while (std::shared_ptr<Job> job = take()) {
    if (!job->progress().begin()) continue;
    busy_.fetch_add(1, std::memory_order_relaxed);
    inspect(engine, std::move(job));
    busy_.fetch_sub(1, std::memory_order_relaxed);
  }
}

std::shared_ptr<Job> WorkerPool::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return nullptr;
  std::shared_ptr<Job> job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

void WorkerPool::inspect(Engine& engine, std::shared_ptr<Job> job) {
  const auto waited = job->progress().begun() - job->received();
  const Request& request = job->request();
  std::optional<Transaction> transaction;
  Findings findings;
  const bool inspected = survives(request, [&] {
    transaction.emplace(engine, job->rules(), request, job->bodies());
    findings = transaction->inspect(job->progress());
  });
  if (!inspected) findings.failure = Failure::kEngineError;
  findings.queue_time = std::chrono::duration_cast<std::chrono::microseconds>(waited);
  finished_(Finished{job, std::move(findings)});
  if (inspected) survives(request, [&] { transaction->log(); });
}

}  // namespace spoa::inspect
