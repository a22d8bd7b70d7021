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

/// Phase 5. Returns what matched in it.
std::vector<RuleMatch> end_transaction(Transaction& transaction) {
  std::vector<RuleMatch> matches;
  survives(*transaction.request(), [&] { matches = transaction.log(); });
  return matches;
}

Findings run_rules(Job& job, bool on_its_own) {
  Transaction& transaction = *job.transaction();
  if (!job.message().response_status) return transaction.inspect_request(job.progress());
  if (on_its_own) transaction.stand_in_for_request();
  return transaction.inspect_response(job.message(), job.progress());
}

/// Leaves in the job the transaction that still has to be ended.
Finished inspect(Engine& engine, std::size_t worker, const std::shared_ptr<Job>& job) {
  Finished done{job, {}, nullptr};
  Findings& findings = done.findings;
  std::unique_ptr<Transaction>& transaction = job->transaction();
  const bool inspected = survives(job->message(), [&] {
    const bool is_new = transaction == nullptr;
    if (is_new) {
      transaction = std::make_unique<Transaction>(engine, worker, job->profile(),
                                                  job->shared_message());
    }
    findings = run_rules(*job, is_new);
  });
  if (!inspected) {
    findings.failure = Failure::kEngineError;
    findings.phase = job->progress().phase();
  }
  findings.queue_time = std::chrono::duration_cast<std::chrono::microseconds>(
      job->progress().begun() - job->received());
  if (job->message().response_status && transaction) {
    // Its event tells of phase 5, too; its verdict does not wait for it.
    job->reach(findings);
    findings.logging_matches = end_transaction(*transaction);
    transaction = nullptr;
  } else if (job->keeps_transaction() && !findings.intervention && !findings.failure) {
    done.transaction = std::move(transaction);
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
    if (const auto unused = std::move(job->transaction())) end_transaction(*unused);
    return;
  }
  Finished done = inspect(engine, worker, job);
  // Phase 5 of a request comes after its answer: nobody waits for it.
  const std::unique_ptr<Transaction> ending = std::move(job->transaction());
  finished_(std::move(done));
  if (ending) end_transaction(*ending);
}

}  // namespace spoa::inspect
