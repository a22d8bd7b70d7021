#include "worker_queue.h"

#include <algorithm>
#include <utility>

namespace spoa::inspect {
namespace {

// Ending takes a fraction of a request's time, but a whole store may end at once.
constexpr int kJobsBetweenEndings = 4;

}  // namespace

void WorkerQueue::set_workers(std::size_t workers) {
  const std::lock_guard lock(mutex_);
  while (own_.size() < workers) own_.push_back(std::make_unique<Own>());
}

void WorkerQueue::set_most_jobs(std::size_t jobs) {
  const std::lock_guard lock(mutex_);
  limits_.jobs = jobs;
}

bool WorkerQueue::push(const std::shared_ptr<Job>& job) {
  const std::size_t bytes = job->message().payload.size();
  const std::lock_guard lock(mutex_);
  const bool too_much = jobs_ > 0 && bytes_ + bytes > limits_.bytes;
  if (too_much || jobs_ >= limits_.jobs) return false;
  ++jobs_;
  bytes_ += bytes;
  if (const auto home = job->home()) {
    own_[*home]->jobs.push_back(job);
    if (own_[*home]->idle) wake(*home);
  } else {
    shared_.push_back(job);
    if (!idle_.empty()) wake(idle_.back());
  }
  return true;
}

void WorkerQueue::push_ending(std::unique_ptr<Transaction> transaction) {
  const std::lock_guard lock(mutex_);
  const std::size_t worker = transaction->worker();
  own_[worker]->endings.push_back(std::move(transaction));
  if (own_[worker]->idle) wake(worker);
}

void WorkerQueue::forget(const Job& job) {
  const auto home = job.home();
  if (!home) return;  // any worker passes over it soon
  const std::lock_guard lock(mutex_);
  Own& own = *own_[*home];
  const auto found =
      std::find_if(own.jobs.begin(), own.jobs.end(),
                   [&](const std::shared_ptr<Job>& each) { return each.get() == &job; });
  if (found == own.jobs.end()) return;  // the worker has it
  uncount(job);
  own.endings.push_back(std::move((*found)->transaction()));
  own.jobs.erase(found);
}

void WorkerQueue::uncount(const Job& job) {
  --jobs_;
  bytes_ -= job.message().payload.size();
}

void WorkerQueue::wake(std::size_t worker) {
  own_[worker]->idle = false;
  idle_.erase(std::find(idle_.begin(), idle_.end(), worker));
  own_[worker]->wake.notify_one();
}

std::optional<Errand> WorkerQueue::take(std::size_t worker) {
  std::unique_lock lock(mutex_);
  Own& own = *own_[worker];
  for (;;) {
    if (auto errand = next(own)) return errand;
    if (closed_) return std::nullopt;
    own.idle = true;
    idle_.push_back(worker);
    own.wake.wait(lock, [&] { return !own.idle; });
  }
}

std::optional<Errand> WorkerQueue::next(Own& own) {
  const bool wants_ending =
      !own.endings.empty() &&
      (own.jobs_in_a_row >= kJobsBetweenEndings || (own.jobs.empty() && shared_.empty()));
  if (wants_ending) {
    own.jobs_in_a_row = 0;
    Errand errand{nullptr, std::move(own.endings.front())};
    own.endings.pop_front();
    return errand;
  }
  std::shared_ptr<Job> job = next_job(own);
  if (!job) return std::nullopt;
  own.jobs_in_a_row = own.endings.empty() ? 0 : own.jobs_in_a_row + 1;
  return Errand{std::move(job), nullptr};
}

std::shared_ptr<Job> WorkerQueue::next_job(Own& own) {
  if (own.jobs.empty() && shared_.empty()) return nullptr;
  const bool own_first =
      !own.jobs.empty() &&
      (shared_.empty() || own.jobs.front()->received() <= shared_.front()->received());
  Jobs& from = own_first ? own.jobs : shared_;
  std::shared_ptr<Job> job = std::move(from.front());
  from.pop_front();
  uncount(*job);
  return job;
}

void WorkerQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  shared_.clear();
  for (const auto& own : own_) {
    for (const auto& job : own->jobs)
      own->endings.push_back(std::move(job->transaction()));
    own->jobs.clear();
  }
  jobs_ = 0;
  bytes_ = 0;
  while (!idle_.empty()) wake(idle_.back());
}

std::size_t WorkerQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

bool WorkerQueue::idle() const {
  const std::lock_guard lock(mutex_);
  const bool nothing_waits =
      shared_.empty() && std::all_of(own_.begin(), own_.end(), [](const auto& own) {
        return own->jobs.empty() && own->endings.empty();
      });
  return nothing_waits && idle_.size() == own_.size();
}

}  // namespace spoa::inspect
