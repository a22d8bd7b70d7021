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

void end_transaction(Transaction& transaction) {
  survives(*transaction.request(), [&] { transaction.log(); });
}

Findings inspect_request(Job& job) {
  return job.transaction()->inspect_request(job.progress());
}

/// With phase 5, whose matches are part of the response's event.
Findings inspect_response(Job& job, bool on_its_own) {
  Transaction& transaction = *job.transaction();
  if (on_its_own) transaction.stand_in_for_request();
  Findings findings = transaction.inspect_response(job.message(), job.progress());
  findings.logging_matches = transaction.log();
  return findings;
}

/// Leaves in the job the transaction that still has to be ended.
Finished inspect(Engine& engine, std::size_t worker, const std::shared_ptr<Job>& job) {
  Finished done{job, {}, nullptr};
  const auto waited = job->progress().begun() - job->received();
  const bool is_response = job->message().response_status.has_value();
  const bool is_new = job->transaction() == nullptr;
  std::unique_ptr<Transaction>& transaction = job->transaction();
  const bool inspected = survives(job->message(), [&] {
    if (is_new) {
      transaction = std::make_unique<Transaction>(engine, worker, job->profile(),
                                                  job->shared_message());
    }
    done.findings = is_response ? inspect_response(*job, is_new) : inspect_request(*job);
  });
  if (!inspected) done.findings.failure = Failure::kEngineError;
  done.findings.queue_time =
      std::chrono::duration_cast<std::chrono::microseconds>(waited);
  const bool passed = !done.findings.intervention && !done.findings.failure;
  if (job->keeps_transaction() && passed) {
    done.transaction = std::move(transaction);
  } else if (is_response || !inspected) {
    transaction = nullptr;  // has ended, or cannot
  }
  return done;
}

}  // namespace

WorkerPool::WorkerPool(WorkerQueue::Limits limits,
                       std::function<void(Finished&&)> finished)
    : finished_(std::move(finished)), queue_(limits) {}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::start(std::size_t workers) {
  queue_.set_workers(workers);
  try {
    for (std::size_t i = 0; i < workers; ++i) {
      engines_.push_back(std::make_unique<Engine>());
      threads_.emplace_back([this, &engine = *engines_.back(), i] {
        block_signals();
        pthread_setname_np(pthread_self(), ("worker-" + std::to_string(i)).c_str());
        work(engine, i);
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
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::work(Engine& engine, std::size_t worker) {
  while (auto errand = queue_.take(worker)) {
    busy_.fetch_add(1, std::memory_order_relaxed);
    run(engine, worker, std::move(*errand));
    busy_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void WorkerPool::run(Engine& engine, std::size_t worker, Errand errand) {
  if (errand.ending) {
    end_transaction(*errand.ending);
    return;
  }
  const std::shared_ptr<Job> job = std::move(errand.job);
  if (!job->progress().begin()) {
    if (job->transaction()) end_transaction(*job->transaction());
    return;
  }
  Finished done = inspect(engine, worker, job);
  // Phase 5 of a request comes after its answer: nobody waits for it.
  std::unique_ptr<Transaction> ending = std::move(job->transaction());
  finished_(std::move(done));
  if (ending) end_transaction(*ending);
}

}  // namespace spoa::inspect
