#include "runner.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include <fmt/format.h>

namespace spoa::bench {
namespace {

using std::chrono::milliseconds;

/// So many at once at the start: a listener's backlog is short.
constexpr std::size_t kConnectingAtOnce = 100;
constexpr milliseconds kRetryAfter{100};
constexpr milliseconds kGoodbye{500};
constexpr std::chrono::nanoseconds kIdle = std::chrono::seconds(1);

std::chrono::nanoseconds cpu_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

Runner::Runner(const BenchSettings& settings, const std::vector<Endpoint>& endpoints,
               Stock& stock)
    : settings_(settings), endpoints_(endpoints), stock_(stock) {
  std::random_device random;
  id_head_ = fmt::format("{}-{:08x}-", settings.id_prefix, random());
  const std::uint32_t count = settings.connections;
  for (std::uint32_t i = 0; i < count; ++i) {
    Place place;
    place.link = std::make_unique<Link>(*this, settings.max_frame_size,
                                        fmt::format("{:08x}-bench-{}", random(), i));
    place.share =
        settings.concurrency / count + (i < settings.concurrency % count ? 1 : 0);
    places_.push_back(std::move(place));
  }
}

Result<Measurement, std::string> Runner::run() {
  if (!poller_.good()) return fmt::format("cannot begin: {}", std::strerror(errno));
  if (const std::string failure = connect_all(); !failure.empty()) return failure;
  begin();
  while ((offering_ || outstanding_ > 0) && poller_.signals() < 2) {
    turn();
    handle_events(next_wake());
  }
  if (offering_) end_offering(std::min(now(), end_at_));
  Measurement measured = std::move(measured_);
  measured_ = {};  // connections that go down from now on are not lost
  goodbye();
  return measured;
}

// --- Connections
// ------------------------------------------------------------------------

void Runner::open(std::uint32_t place) {
  Link& link = *places_[place].link;
  const int fd = link.open(endpoints_[endpoint_]);
  // Without a descriptor, or out of epoll, it is tried again like any that goes down.
  if (fd < 0 || !poller_.add(fd, place)) return note_state(place);
}

std::string Runner::why_not_ready() const {
  for (const Place& place : places_) {
    if (!place.link->failure().empty()) return place.link->failure();
  }
  return "the agent does not answer HELLO";
}

std::string Runner::connect_all() {
  const Time deadline = now() + settings_.timeout;
  std::uint32_t begun = 0;
  while (true) {
    std::size_t ready = 0;
    for (std::uint32_t i = 0; i < begun; ++i) {
      if (places_[i].link->state() == Link::State::kReady) ++ready;
    }
    const bool failed = !down_.empty();
    if (failed && ready == 0 && endpoint_ + 1 < endpoints_.size()) {
      ++endpoint_;  // a name with several addresses: the next one
      for (const std::uint32_t place : std::exchange(down_, {})) open(place);
      continue;
    }
    if (failed || now() > deadline || poller_.signals() > 0) break;
    if (ready == places_.size()) {
      const std::size_t most = stock_.most_bytes(id_head_.size() + 20);
      const std::size_t limit = places_.front().link->max_frame_size();
      if (most <= limit) return {};
      return fmt::format("a request takes {} bytes, but frames may have {}", most, limit);
    }
    while (begun < places_.size() && begun - ready < kConnectingAtOnce) open(begun++);
    handle_events(deadline);
  }
  return fmt::format("{}: {}", to_text(settings_.target), why_not_ready());
}

/// Sees to a link after something happened to it.
void Runner::note_state(std::uint32_t number) {
  Place& place = places_[number];
  switch (place.link->state()) {
    case Link::State::kReady:
      place.was_ready = true;
      break;
    case Link::State::kDown: {
      if (std::exchange(place.was_ready, false)) ++measured_.connections_lost;
      if (!place.link->failure().empty()) measured_.last_failure = place.link->failure();
      place.retry_at = now_ + kRetryAfter;
      if (std::find(down_.begin(), down_.end(), number) == down_.end()) {
        down_.push_back(number);
      }
      break;
    }
    default:
      break;
  }
}

void Runner::reopen() {
  std::vector<std::uint32_t> due;
  const auto later = std::partition(down_.begin(), down_.end(), [&](std::uint32_t place) {
    return places_[place].retry_at > now_;
  });
  due.assign(later, down_.end());
  down_.erase(later, down_.end());
  for (const std::uint32_t place : due) open(place);
}

void Runner::goodbye() {
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    places_[i].link->say_goodbye();
  }
  const auto is_closing = [](const Place& place) {
    return place.link->state() == Link::State::kClosing;
  };
  const Time deadline = now() + kGoodbye;
  while (std::any_of(places_.begin(), places_.end(), is_closing) && now() < deadline) {
    handle_events(deadline);
  }
}

// --- The load
// ---------------------------------------------------------------------------

void Runner::begin() {
  origin_ = Clock::now();
  now_ = Time(0);
  warm_at_ = settings_.warmup;
  offering_ = true;
  if (is_open()) {
    schedule_.emplace(settings_.rate, settings_.arrivals, settings_.warmup);
    head_ = schedule_->next();
    end_at_ = schedule_->end();
    measured_.phases.resize(settings_.rate.size());
  } else {
    end_at_ = warm_at_ + settings_.duration;
    measured_.phases.resize(1);
    for (std::uint32_t i = 0; i < places_.size(); ++i) touch(i);
  }
}

/// Everything that is to be done now.
void Runner::turn() {
  now_ = now();
  if (!measuring_ && now_ >= warm_at_) {
    measuring_ = true;
    cpu_before_ = cpu_used();
  }
  if (offering_) {
    if (is_open()) offer_scheduled();
    const bool enough =
        settings_.requests > 0 && measured_.total.offered >= settings_.requests;
    if (now_ >= end_at_ || enough || poller_.signals() > 0) {
      measured_.interrupted = poller_.signals() > 0;
      end_offering(std::min(now_, end_at_));
    }
  }
  reopen();
  expire();
  send_waiting();
  for (const std::uint32_t number : touched_) {
    if (offering_ && !is_open()) top_up(number);
    places_[number].link->flush();
    note_state(number);
    places_[number].touched = false;
  }
  touched_.clear();
}

void Runner::offer_scheduled() {
  while (head_ && head_->at <= now_ &&
         (settings_.requests == 0 || measured_.total.offered < settings_.requests)) {
    const Picked picked = stock_.next();
    const Flight flight = made(head_->at, head_->phase, picked.kind);
    if (flight.phase != kWarmup) {
      const auto late = now_ - flight.due;
      measured_.lag.record(static_cast<std::uint64_t>(late.count() / 1000));
    }
    waiting_.push_back({flight, picked.question});
    head_ = schedule_->next();
  }
}

void Runner::send_waiting() {
  while (!waiting_.empty()) {
    const Waiting& front = waiting_.front();
    if (now_ - front.flight.due >= settings_.timeout) {
      in_tallies(front.flight, [](Tally& tally) { ++tally.unanswered; });
      --outstanding_;
    } else {
      const auto place = next_place();
      if (!place) return;
      send(*place, *front.question, front.flight);
    }
    waiting_.pop_front();
  }
}

void Runner::top_up(std::uint32_t number) {
  Place& place = places_[number];
  while (place.link->in_flight() < place.share && place.link->has_room()) {
    const int phase = now_ < warm_at_ ? kWarmup : 0;
    if (phase != kWarmup && settings_.requests > 0 &&
        measured_.total.offered >= settings_.requests) {
      return;
    }
    const Picked picked = stock_.next();
    send(number, *picked.question, made(now_, phase, picked.kind));
  }
}

Flight Runner::made(Time due, int phase, std::size_t kind) {
  const Flight flight{due, phase, static_cast<std::uint8_t>(kind)};
  ++outstanding_;
  in_tallies(flight, [&](Tally& tally) { tally.offer(kind); });
  return flight;
}

void Runner::send(std::uint32_t number, const Question& question, const Flight& flight) {
  Link& link = *places_[number].link;
  const std::uint64_t id = link.ask(question, name_next_id(), flight);
  expiries_.push_back({flight.due, number, link.opened(), id});
  touch(number);
}

void Runner::end_offering(Time at) {
  offering_ = false;
  head_.reset();
  const Time length = std::max(at - warm_at_, Time(0));
  measured_.length = length;
  if (settings_.interval.count() > 0) {  // rows in which nothing was due, too
    const auto rows = (length + settings_.interval - Time(1)) / settings_.interval;
    measured_.timeline.resize(static_cast<std::size_t>(rows));
  }
  measured_.cpu = measuring_ ? cpu_used() - cpu_before_ : Time(0);
  if (!is_open()) {
    measured_.phase_lengths = {length};
    return;
  }
  Time left = length;
  for (const RatePhase& phase : settings_.rate) {
    measured_.phase_lengths.push_back(std::min<Time>(left, phase.length));
    left -= measured_.phase_lengths.back();
  }
}

void Runner::expire() {
  while (!expiries_.empty() && now_ - expiries_.front().due >= settings_.timeout) {
    const Expiry expiry = expiries_.front();
    expiries_.pop_front();
    const auto flight = places_[expiry.place].link->expire(expiry.opened, expiry.number);
    if (!flight) continue;
    in_tallies(*flight, [](Tally& tally) { ++tally.unanswered; });
    --outstanding_;
    touch(expiry.place);
  }
}

// --- Helpers
// ----------------------------------------------------------------------------

std::optional<std::uint32_t> Runner::next_place() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::uint32_t place = cursor_;
    cursor_ = cursor_ + 1 < places_.size() ? cursor_ + 1 : 0;
    if (places_[place].link->has_room()) return place;
  }
  return std::nullopt;
}

void Runner::touch(std::uint32_t place) {
  if (std::exchange(places_[place].touched, true)) return;
  touched_.push_back(place);
}

void Runner::handle_events(Time until) {
  for (const Poller::Event& event : poller_.wait(origin_ + until)) {
    now_ = now();
    places_[event.number].link->handle(event.readable, event.writable);
    note_state(event.number);
    touch(event.number);
  }
}

Runner::Time Runner::next_wake() const {
  Time wake = now_ + kIdle;
  if (offering_) wake = std::min(wake, end_at_);
  if (offering_ && !measuring_) wake = std::min(wake, warm_at_);
  if (head_) wake = std::min(wake, head_->at);
  if (!expiries_.empty()) {
    wake = std::min<Time>(wake, expiries_.front().due + settings_.timeout);
  }
  if (!waiting_.empty()) {
    wake = std::min<Time>(wake, waiting_.front().flight.due + settings_.timeout);
  }
  for (const std::uint32_t place : down_) wake = std::min(wake, places_[place].retry_at);
  return wake;
}

std::string Runner::name_next_id() { return id_head_ + std::to_string(++ids_); }

/// Does something to each tally that a request counts in.
template <typename Do>
void Runner::in_tallies(const Flight& flight, Do act) {
  if (flight.phase == kWarmup) return;
  act(measured_.total);
  act(measured_.phases[static_cast<std::size_t>(flight.phase)]);
  if (settings_.interval.count() == 0) return;
  const auto row = static_cast<std::size_t>((flight.due - warm_at_) / settings_.interval);
  if (row >= measured_.timeline.size()) measured_.timeline.resize(row + 1);
  act(measured_.timeline[row]);
}

void Runner::on_answer(const Flight& flight, Answer answer) {
  --outstanding_;
  in_tallies(flight, [&](Tally& tally) {
    tally.answer(flight.kind, answer, now_ - flight.due, settings_.in_time);
  });
}

void Runner::on_lost(const Flight& flight) {
  --outstanding_;
  in_tallies(flight, [](Tally& tally) { ++tally.lost; });
}

}  // namespace spoa::bench
