#include "fair_queue.h"

#include <algorithm>
#include <utility>

namespace spoa::inspect {
namespace {

// Of `typical`: each job's time counts for a sixteenth.
constexpr int kMemory = 16;

template <typename Map, typename Weight>
auto heaviest(Map& map, Weight weight) {
  return std::max_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
    return weight(a.second) < weight(b.second);
  });
}

}  // namespace

void FairQueue::push(std::shared_ptr<Job> job) {
  job->set_time(time_);
  const Origin origin = job->origin();
  Share& share = shares_[origin.application];
  Line& line = share.lines[origin.connection];
  if (share.load.jobs == 0) turns_.enter(origin.application, share.served);
  if (line.jobs.empty()) share.turns.enter(origin.connection, line.served);
  add(*job, line, share);
  line.jobs.push_back(std::move(job));
}

FairQueue::Taken FairQueue::take(Clock::time_point now) {
  while (!turns_.empty()) {
    const std::uint32_t application = turns_.next();
    Share& share = shares_.at(application);
    if (auto job = take_from(share, now)) {
      ++share.lines.at(job->origin().connection).running;
      Charge charge = begin(job->origin());
      charge.in_line = true;
      return {std::move(job), charge};
    }
  }
  return {};
}

std::shared_ptr<Job> FairQueue::take_from(Share& share, Clock::time_point now) {
  while (!share.turns.empty()) {
    const std::uint64_t connection = share.turns.next();
    Line& line = share.lines.at(connection);
    std::shared_ptr<Job> job = choose(line, now);
    subtract(*job, line, share);
    // An estimate must not keep out what would correct it.
    const Clock::duration margin =
        std::min<Clock::duration>(share.typical, job->time() / 4);
    if (now - job->received() <= job->time() - margin) return job;
    drop_if_done(share, connection);
  }
  return nullptr;
}

std::shared_ptr<Job> FairQueue::choose(Line& line, Clock::time_point now) {
  const Job& oldest = *line.jobs.front();
  const bool too_many = now - oldest.received() > oldest.time() / 2;
  std::shared_ptr<Job> job = std::move(too_many ? line.jobs.back() : line.jobs.front());
  too_many ? line.jobs.pop_back() : line.jobs.pop_front();
  return job;
}

std::shared_ptr<Job> FairQueue::shed(Heaviest by) {
  if (load_.jobs == 0) return nullptr;
  const auto weight = [by](const auto& party) {
    return by == Heaviest::kByJobs ? party.load.jobs : party.load.bytes;
  };
  Share& share = heaviest(shares_, weight)->second;
  const auto found = heaviest(share.lines, weight);
  std::shared_ptr<Job> job = std::move(found->second.jobs.front());
  found->second.jobs.pop_front();
  subtract(*job, found->second, share);
  drop_if_done(share, found->first);
  return job;
}

bool FairQueue::remove(const Job& job) {
  const Origin origin = job.origin();
  const auto share = shares_.find(origin.application);
  if (share == shares_.end()) return false;
  const auto line = share->second.lines.find(origin.connection);
  if (line == share->second.lines.end()) return false;
  auto& jobs = line->second.jobs;
  const auto found = std::find_if(jobs.begin(), jobs.end(),
                                  [&](const auto& each) { return each.get() == &job; });
  if (found == jobs.end()) return false;
  jobs.erase(found);
  subtract(job, line->second, share->second);
  drop_if_done(share->second, origin.connection);
  return true;
}

void FairQueue::clear() {
  while (shed(Heaviest::kByJobs)) {
  }
}

FairQueue::Charge FairQueue::begin(const Origin& origin) {
  Share& share = shares_[origin.application];
  const Charge charge{origin, share.typical, false};
  turns_.charge(origin.application, share.served, charge.expected);
  const auto line = share.lines.find(origin.connection);
  if (line != share.lines.end()) {
    share.turns.charge(origin.connection, line->second.served, charge.expected);
  }
  return charge;
}

void FairQueue::settle(const Charge& charge, Served spent) {
  const Origin& origin = charge.origin;
  Share& share = shares_[origin.application];
  const Served more = spent - charge.expected;
  turns_.charge(origin.application, share.served, more);
  share.typical += (spent - share.typical) / kMemory;
  const auto line = share.lines.find(origin.connection);
  if (line == share.lines.end()) return;
  share.turns.charge(origin.connection, line->second.served, more);
  if (charge.in_line) --line->second.running;
  drop_if_done(share, origin.connection);
}

void FairQueue::add(const Job& job, Line& line, Share& share) {
  const std::size_t bytes = job.message().payload.size();
  for (Load* load : {&line.load, &share.load, &load_}) {
    ++load->jobs;
    load->bytes += bytes;
  }
}

/// Its turn is over when nothing is left.
void FairQueue::subtract(const Job& job, Line& line, Share& share) {
  const std::size_t bytes = job.message().payload.size();
  for (Load* load : {&line.load, &share.load, &load_}) {
    --load->jobs;
    load->bytes -= bytes;
  }
  const Origin origin = job.origin();
  if (line.load.jobs == 0) share.turns.leave(origin.connection, line.served);
  if (share.load.jobs == 0) turns_.leave(origin.application, share.served);
}

/// Connections come and go; applications are few, and stay.
void FairQueue::drop_if_done(Share& share, std::uint64_t connection) {
  const auto line = share.lines.find(connection);
  if (line->second.load.jobs == 0 && line->second.running == 0) share.lines.erase(line);
}

}  // namespace spoa::inspect
