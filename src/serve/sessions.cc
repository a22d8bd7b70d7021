#include "sessions.h"

#include <unistd.h>

#include <utility>

namespace spoa::serve {

Sessions::Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings,
                   std::function<void(bool)> full)
    : loop_(loop),
      metrics_(metrics),
      settings_(settings),
      full_(std::move(full)),
      memory_{settings.limits.buffered_bytes, 0},
      burial_(loop, [this] { bury(); }) {}

void Sessions::open(accept::Accepted accepted) {
  if (!take_place(accepted.address)) {
    refuse(accepted);
    return;
  }
  const SessionId id = ++last_id_;
  std::string address = accepted.address;
  Session::Parts parts{loop_,
                       metrics_,
                       *dispatcher_,
                       settings_,
                       arguments_,
                       memory_,
                       [this](SessionId over) { gone(over); }};
  sessions_.emplace(
      id, Entry{std::make_unique<Session>(std::move(parts), id, std::move(accepted)),
                std::move(address)});
  if (sessions_.size() >= settings_.limits.connections) {
    metrics_.count_full();
    log::warn("connections-full", {{"connections", sessions_.size()}},
              "limits.connections is reached: new ones wait until others end");
    full_(true);
  }
}

bool Sessions::take_place(const std::string& address) {
  if (address.empty()) return true;
  std::size_t& count = by_address_[address];
  if (count >= settings_.limits.connections_per_address) return false;
  ++count;
  return true;
}

void Sessions::give_place_back(const std::string& address) {
  const auto found = by_address_.find(address);
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

void Sessions::refuse(const accept::Accepted& accepted) {
  metrics_.count_refused_connection();
  std::uint64_t suppressed = 0;
  if (refusals_.allow(suppressed)) {
    log::warn("connection-refused", {{"peer", accepted.peer}, {"suppressed", suppressed}},
              "limits.connections-per-address is reached");
  }
  ::close(accepted.fd);
}

void Sessions::answer(SessionId id, const reply::Answer& answer) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.session->answer(answer);
}

void Sessions::drain(std::function<void()> done) {
  drained_ = std::move(done);
  for (auto& [id, entry] : sessions_) entry.session->drain();
  if (sessions_.empty()) drained_();
}

void Sessions::gone(SessionId id) {
  auto found = sessions_.extract(id);
  if (found.empty()) return;
  give_place_back(found.mapped().address);
  dead_.push_back(std::move(found.mapped().session));
  burial_.start(std::chrono::microseconds(0));
}

void Sessions::bury() {
  dead_.clear();
  if (drained_) {
    if (sessions_.empty()) drained_();
  } else if (sessions_.size() < settings_.limits.connections) {
    full_(false);
  }
}

}  // namespace spoa::serve
