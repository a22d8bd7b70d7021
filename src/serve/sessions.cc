#include "sessions.h"

#include <unistd.h>

#include <utility>

namespace spoa::serve {

Sessions::Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings)
    : loop_(loop),
      metrics_(metrics),
      settings_(settings),
      burial_(loop, [this] { bury(); }) {}

void Sessions::open(int fd, std::string peer) {
  if (sessions_.size() >= settings_.limits.connections) {
    metrics_.count_refused_connection();
    std::uint64_t suppressed = 0;
    if (refusals_.allow(suppressed)) {
      log::warn("connection-refused", {{"peer", peer}, {"suppressed", suppressed}},
                "limits.connections is reached");
    }
    ::close(fd);
    return;
  }
  const SessionId id = ++last_id_;
  Session::Parts parts{loop_, metrics_, *dispatcher_, settings_,
                       [this](SessionId over) { gone(over); }};
  sessions_.emplace(id,
                    std::make_unique<Session>(std::move(parts), id, fd, std::move(peer)));
}

void Sessions::answer(SessionId id, const reply::Answer& answer) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second->answer(answer);
}

void Sessions::drain(std::function<void()> done) {
  drained_ = std::move(done);
  for (auto& [id, session] : sessions_) session->drain();
  if (sessions_.empty()) drained_();
}

void Sessions::gone(SessionId id) {
  auto found = sessions_.extract(id);
  if (found.empty()) return;
  dead_.push_back(std::move(found.mapped()));
  burial_.start(std::chrono::microseconds(0));
}

void Sessions::bury() {
  dead_.clear();
  if (drained_ && sessions_.empty()) drained_();
}

}  // namespace spoa::serve
