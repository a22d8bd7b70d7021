#include "worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>

#include "at_work.h"
#include "log.h"
#include "signals.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

/// Says what this thread is at, for as long as it lives.
class Naming {
 public:
  Naming(const Request& message, const Profile& profile, const Progress* progress)
      : before_(at_work()) {
    at_work() = {&message.id, &profile.application, progress};
  }
  ~Naming() { at_work() = before_; }
  Naming(const Naming&) = delete;
  Naming& operator=(const Naming&) = delete;

 private:
  const AtWork before_;
};

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
  const Naming naming(*transaction.request(), *transaction.profile(), nullptr);
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

AtWork& at_work() noexcept {
  thread_local AtWork work;
  return work;
}

WorkerPool::WorkerPool(WorkerQueue::Limits limits,
                       std::function<void(Finished&&)> finished)
    : finished_(std::move(finished)), queue_(limits) {}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::start(std::size_t workers) {
  wanted_ = workers;
  try {
    while (workers_.size() < workers) add_worker();
  } catch (const std::exception& e) {
    log::error(
        "workers-failed", {{"started", taking_part_}, {"error", e.what()}},
        "the system gives no more threads; set fewer workers, or raise its limits");
    stop();
    return false;
  }
  return true;
}

/// Throws what std::thread does. Then the worker takes no part.
void WorkerPool::add_worker() {
  workers_.push_back(std::make_unique<Worker>());
  const std::size_t number = queue_.add_worker();
  Worker& worker = *workers_.back();
  const SignalsBlocked blocked;
  try {
    worker.thread = std::thread([this, &worker, number] {
      pthread_setname_np(pthread_self(), ("worker-" + std::to_string(number)).c_str());
      use_signal_stack();
      work(worker.engine, number);
    });
  } catch (...) {
    queue_.take_part(number, worker.takes_part = false);
    throw;
  }
  ++taking_part_;
}

void WorkerPool::stop() {
  queue_.close();
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

std::vector<Hung> WorkerPool::replace_hung(std::chrono::milliseconds limit) {
  const auto now = Job::Clock::now();
  const std::vector<Occupation> busy = queue_.busy_since(now - limit);
  release(busy);
  std::vector<Hung> found;
  for (const Occupation& at : busy) {
    Worker& worker = *workers_[at.worker];
    const auto message = at.message.lock();
    const auto profile = at.profile.lock();
    if (worker.hangs || !message || !profile) continue;  // no news; or it is just done
    const auto job = at.job.lock();
    worker.hangs = true;
    ++hung_;
    take_part(at.worker, false);
    replace();
    found.push_back(
        {at.worker, message, profile->application, job ? job->progress().phase() : 5,
         std::chrono::duration_cast<std::chrono::milliseconds>(now - at.begun)});
  }
  return found;
}

/// Those that hang no more.
void WorkerPool::release(const std::vector<Occupation>& busy) {
  if (hung_ == 0) return;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const bool still = std::any_of(busy.begin(), busy.end(),
                                   [i](const Occupation& at) { return at.worker == i; });
    if (!workers_[i]->hangs || still) continue;
    workers_[i]->hangs = false;
    --hung_;
    if (taking_part_ < wanted_) take_part(i, true);
  }
}

/// One that stands by, or else a new one.
void WorkerPool::replace() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const Worker& worker = *workers_[i];
    if (worker.takes_part || worker.hangs || !worker.thread.joinable()) continue;
    take_part(i, true);
    return;
  }
  if (workers_.size() >= 2 * wanted_) return;
  try {
    add_worker();
  } catch (const std::exception& e) {
    log::error("worker-not-replaced", {{"error", e.what()}},
               "the system gives no more threads; raise TasksMax=");
  }
}

void WorkerPool::take_part(std::size_t worker, bool does) {
  if (workers_[worker]->takes_part == does) return;
  workers_[worker]->takes_part = does;
  does ? ++taking_part_ : --taking_part_;
  queue_.take_part(worker, does);
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
  const Naming naming(job->message(), *job->profile(), &job->progress());
  Finished done = inspect(engine, worker, job);
  // Phase 5 of a request comes after its answer: nobody waits for it.
  const std::unique_ptr<Transaction> ending = std::move(job->transaction());
  finished_(std::move(done));
  job->progress().enter_phase(5);
  if (ending) end_transaction(*ending);
}

}  // namespace spoa::inspect
