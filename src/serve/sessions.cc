#include "sessions.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace spoa::serve {
namespace {

// What the process needs beside its connections: listeners, files, the admin pages.
constexpr std::size_t kOtherDescriptors = 128;

// Connections end one after the other. A question can cross with the DISCONNECT of its
// connection, and is lost; HAProxy repeats it on another one, which must not be ending,
// too.
constexpr std::chrono::microseconds kFarewells{100'000};
constexpr std::chrono::microseconds kLongestFarewell{5'000};

/// limits.connections, or as many as there are descriptors for: running out of them would
/// keep new connections waiting, whoever holds the old ones.
std::size_t connection_limit(const Limits& limits) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
    return limits.connections;
  }
  const std::size_t most = std::max<std::size_t>(files.rlim_cur, 2 * kOtherDescriptors);
  if (limits.connections <= most - kOtherDescriptors) return limits.connections;
  if (limits.connections != std::numeric_limits<std::size_t>::max()) {
    log::warn("few-descriptors",
              {{"open_files", files.rlim_cur},
               {"connections", most - kOtherDescriptors},
               {"wanted", limits.connections}},
              "fewer connections than limits.connections; raise LimitNOFILE=");
  }
  return most - kOtherDescriptors;
}

}  // namespace

Sessions::Sessions(accept::Loop& loop, Metrics& metrics, const Settings& settings,
                   std::function<void(bool)> full)
    : loop_(loop),
      metrics_(metrics),
      settings_(settings),
      limit_(connection_limit(settings.limits)),
      full_(std::move(full)),
      memory_{settings.limits.buffered_bytes, 0},
      burial_(loop, [this] { bury(); }),
      relief_(loop, [this] { free_memory(); }) {}

void Sessions::open(accept::Accepted accepted) {
  if (!take_place(accepted.address)) {
    refuse(accepted);
    return;
  }
  if (sessions_.size() >= limit_ && !expendable_.empty()) make_room();
  const SessionId id = ++last_id_;
  std::string address = accepted.address;
  Session::Parts parts{loop_,
                       metrics_,
                       *dispatcher_,
                       settings_,
                       arguments_,
                       memory_,
                       [this](SessionId which, Stage stage) { reached(which, stage); }};
  sessions_.emplace(
      id, Entry{std::make_unique<Session>(std::move(parts), id, std::move(accepted)),
                std::move(address)});
  expendable_.insert(id);
  watch_room();
}

/// Not inside a call to any session: the dead can be buried at once, and their
/// descriptors are free.
void Sessions::make_room() {
  sessions_.at(*expendable_.begin()).session->crowd_out();
  dead_.clear();
}

/// Looks through all, but each time somebody's memory is freed for it.
void Sessions::free_memory() {
  while (memory_.held_bytes > memory_.limit_bytes) {
    Session* longest = nullptr;
    bool of_much = false;
    for (const auto& [id, entry] : sessions_) {
      Session& session = *entry.session;
      const std::size_t held = session.held_bytes();
      const bool much = held > accept::Memory::kSmallHolding;
      if (held == 0 || (of_much && !much)) continue;
      const bool longer = longest == nullptr || (much && !of_much) ||
                          session.held_since() < longest->held_since();
      if (!longer) continue;
      longest = &session;
      of_much = much;
    }
    if (longest == nullptr) return;
    longest->free_memory();
    dead_.clear();  // no session is on the stack here
  }
}

void Sessions::reached(SessionId id, Stage stage) {
  switch (stage) {
    case Stage::kGreeted:
      expendable_.erase(id);
      break;
    case Stage::kClosing:
      expendable_.insert(id);
      break;
    case Stage::kGone:
      gone(id);
      return;
    case Stage::kGreedy:
      relief_.start(std::chrono::microseconds(0));
      return;
  }
  watch_room();
}

void Sessions::watch_room() {
  const bool full = sessions_.size() >= limit_ && expendable_.empty();
  if (full == is_full_) return;
  is_full_ = full;
  full_(full);
  if (!full) return;
  metrics_.count_full();
  std::uint64_t suppressed = 0;
  if (full_log_.allow(suppressed)) {
    log::warn("connections-full",
              {{"connections", sessions_.size()}, {"suppressed", suppressed}},
              "limits.connections is reached: new ones wait until others end");
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
  const auto count = static_cast<std::chrono::microseconds::rep>(sessions_.size());
  const auto each = std::min(kLongestFarewell, kFarewells / (count + 1));
  std::chrono::microseconds after{0};
  for (auto& [id, entry] : sessions_) {
    entry.session->drain(after);
    after += each;
  }
  if (sessions_.empty()) drained_();
}

void Sessions::gone(SessionId id) {
  auto found = sessions_.extract(id);
  if (found.empty()) return;
  expendable_.erase(id);
  give_place_back(found.mapped().address);
  dead_.push_back(std::move(found.mapped().session));
  burial_.start(std::chrono::microseconds(0));
  watch_room();
}

void Sessions::bury() {
  dead_.clear();
  if (drained_ && sessions_.empty()) drained_();
}

}  // namespace spoa::serve
