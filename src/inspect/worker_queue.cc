#include "worker_queue.h"

#include <algorithm>
#include <utility>

namespace spoa::inspect {
namespace {

// Ending takes a fraction of a request's time, but a whole store may end at once. Where
// many wait, one comes after every job: no job leaves more than one behind, so no more
// will.
int jobs_between(std::size_t endings) {
  constexpr std::size_t kMany = 256;
  return endings < kMany ? 4 : 1;
}

}  // namespace

void WorkerQueue::set_limits(Limits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  shared_.set_time(limits.time);
}

std::size_t WorkerQueue::add_worker() {
  const std::lock_guard lock(mutex_);
  own_.push_back(std::make_unique<Own>());
  own_.back()->at.worker = own_.size() - 1;
  own_.back()->at.begun = Clock::now();
  return own_.size() - 1;
}

void WorkerQueue::take_part(std::size_t worker, bool does) {
  const std::lock_guard lock(mutex_);
  Own& own = *own_[worker];
  if (own.takes_part == does) return;
  own.takes_part = does;
  if (!own.idle) return;
  if (does) {
    idle_.push_back(worker);
    if (shared_.jobs() > 0) wake(worker);
  } else {
    idle_.erase(std::find(idle_.begin(), idle_.end(), worker));
  }
}

Pushed WorkerQueue::push(const std::shared_ptr<Job>& job) {
  Pushed pushed;
  const std::size_t bytes = job->message().payload.size();
  const std::lock_guard lock(mutex_);
  pushed.taken = make_room(bytes, pushed);
  if (!pushed.taken) return pushed;
  if (const auto home = job->home()) {
    ++own_jobs_;
    own_bytes_ += bytes;
    own_[*home]->jobs.push_back(job);
    if (own_[*home]->idle) wake(*home);
  } else {
    shared_.push(job);
    wake_any();
  }
  return pushed;
}

bool WorkerQueue::make_room(std::size_t more, Pushed& pushed) {
  for (;;) {
    const bool many = jobs() >= limits_.jobs;
    const bool much = jobs() > 0 && bytes() + more > limits_.bytes;
    if (!many && !much) return true;
    auto job =
        shared_.shed(many ? FairQueue::Heaviest::kByJobs : FairQueue::Heaviest::kByBytes);
    if (!job) return false;
    pushed.shed.push_back(std::move(job));
  }
}

void WorkerQueue::push_ending(std::unique_ptr<Transaction> transaction) {
  const std::lock_guard lock(mutex_);
  const std::size_t worker = transaction->worker();
  own_[worker]->endings.push_back(std::move(transaction));
  if (own_[worker]->idle) wake(worker);
}

void WorkerQueue::forget(const Job& job) {
  const std::lock_guard lock(mutex_);
  if (!job.home()) {
    shared_.remove(job);
    return;
  }
  Own& own = *own_[*job.home()];
  const auto found =
      std::find_if(own.jobs.begin(), own.jobs.end(),
                   [&](const std::shared_ptr<Job>& each) { return each.get() == &job; });
  if (found == own.jobs.end()) return;  // the worker has it
  count_out(job);
  own.endings.push_back(std::move((*found)->transaction()));
  own.jobs.erase(found);
}

void WorkerQueue::count_out(const Job& job) {
  --own_jobs_;
  own_bytes_ -= job.message().payload.size();
}

void WorkerQueue::wake(std::size_t worker) {
  Own& own = *own_[worker];
  own.idle = false;
  if (own.takes_part) idle_.erase(std::find(idle_.begin(), idle_.end(), worker));
  own.wake.notify_one();
}

void WorkerQueue::wake_any() {
  if (!idle_.empty()) wake(idle_.back());
}

std::optional<Errand> WorkerQueue::take(std::size_t worker) {
  std::unique_lock lock(mutex_);
  Own& own = *own_[worker];
  settle(own);
  for (;;) {
    own.at.begun = Clock::now();
    if (auto errand = next(own)) {
      note(own, *errand);
      return errand;
    }
    if (closed_) return std::nullopt;
    own.idle = true;
    if (own.takes_part) idle_.push_back(worker);
    own.wake.wait(lock, [&] { return !own.idle; });
  }
}

/// Its application and connection have had what the job took.
void WorkerQueue::settle(Own& own) {
  if (!own.charge) return;
  shared_.settle(*own.charge,
                 std::chrono::duration_cast<Served>(Clock::now() - own.at.begun));
  own.charge.reset();
}

std::optional<Errand> WorkerQueue::next(Own& own) {
  const bool wants_ending =
      !own.endings.empty() &&
      (own.jobs_in_a_row >= jobs_between(own.endings.size()) || !has_job(own));
  std::shared_ptr<Job> job = wants_ending ? nullptr : next_job(own);
  if (job) {
    own.jobs_in_a_row = own.endings.empty() ? 0 : own.jobs_in_a_row + 1;
    return Errand{std::move(job), nullptr};
  }
  if (own.endings.empty()) return std::nullopt;
  own.jobs_in_a_row = 0;
  Errand errand{nullptr, std::move(own.endings.front())};
  own.endings.pop_front();
  return errand;
}

void WorkerQueue::note(Own& own, const Errand& errand) {
  own.at.job = errand.job;
  if (errand.job) {
    own.at.message = errand.job->shared_message();
    own.at.profile = errand.job->profile();
  } else {
    own.at.message = errand.ending->request();
    own.at.profile = errand.ending->profile();
  }
}

bool WorkerQueue::has_job(const Own& own) const {
  return !own.jobs.empty() || (own.takes_part && shared_.jobs() > 0);
}

std::shared_ptr<Job> WorkerQueue::next_job(Own& own) {
  if (!own.jobs.empty()) {
    std::shared_ptr<Job> job = std::move(own.jobs.front());
    own.jobs.pop_front();
    count_out(*job);
    own.charge = shared_.begin(job->origin());
    return job;
  }
  if (!own.takes_part) return nullptr;
  FairQueue::Taken taken = shared_.take(own.at.begun);
  if (taken.job) own.charge = taken.charge;
  return std::move(taken.job);
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
  own_jobs_ = 0;
  own_bytes_ = 0;
  for (std::size_t worker = 0; worker < own_.size(); ++worker) {
    if (own_[worker]->idle) wake(worker);
  }
}

std::vector<Occupation> WorkerQueue::busy_since(Clock::time_point moment) const {
  std::vector<Occupation> found;
  const std::lock_guard lock(mutex_);
  for (const auto& own : own_) {
    if (!own->idle && own->at.begun < moment) found.push_back(own->at);
  }
  return found;
}

std::size_t WorkerQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs();
}

bool WorkerQueue::idle() const {
  const std::lock_guard lock(mutex_);
  return jobs() == 0 && std::all_of(own_.begin(), own_.end(), [](const auto& own) {
           return own->idle && own->endings.empty();
         });
}

}  // namespace spoa::inspect
