#include "worker_queue.h"

#include <algorithm>
#include <utility>

namespace spoa::inspect {

void WorkerQueue::set_workers(std::size_t workers) {
  const std::lock_guard lock(mutex_);
  while (own_.size() < workers) own_.push_back(std::make_unique<Own>());
}

bool WorkerQueue::push(const std::shared_ptr<Job>& job) {
  const std::size_t bytes = job->message().payload.size();
  const std::lock_guard lock(mutex_);
  const bool too_much = jobs_ > 0 && bytes_ + bytes > limits_.bytes;
  if (too_much || jobs_ >= limits_.jobs) return false;
  ++jobs_;
  bytes_ += bytes;
  if (job->transaction()) {
    give_to(job->transaction()->worker(), {{job, nullptr}, job->received()});
    return true;
  }
  shared_.push_back({{job, nullptr}, job->received()});
  if (!idle_.empty()) wake(idle_.back());
  return true;
}

void WorkerQueue::push_ending(std::unique_ptr<Transaction> transaction) {
  const std::lock_guard lock(mutex_);
  const std::size_t worker = transaction->worker();
  give_to(worker, {{nullptr, std::move(transaction)}, Clock::now()});
}

void WorkerQueue::give_to(std::size_t worker, Waiting waiting) {
  own_[worker]->errands.push_back(std::move(waiting));
  if (own_[worker]->idle) wake(worker);
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
  const bool has_own = !own.errands.empty();
  if (!has_own && shared_.empty()) return std::nullopt;
  const bool own_first =
      has_own && (shared_.empty() || own.errands.front().since <= shared_.front().since);
  std::deque<Waiting>& from = own_first ? own.errands : shared_;
  Errand errand = std::move(from.front().errand);
  from.pop_front();
  if (errand.job) {
    --jobs_;
    bytes_ -= errand.job->message().payload.size();
  }
  return errand;
}

void WorkerQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  shared_.clear();
  for (const auto& own : own_) {
    for (Waiting& waiting : own->errands) {
      if (!waiting.errand.job) continue;
      waiting.errand.ending = std::move(waiting.errand.job->transaction());
      waiting.errand.job = nullptr;
    }
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
        return own->errands.empty();
      });
  return nothing_waits && idle_.size() == own_.size();
}

}  // namespace spoa::inspect
