#include "event_writer.h"

#include <exception>
#include <limits>
#include <system_error>
#include <utility>

#include "event_line.h"
#include "signals.h"

namespace spoa::report {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::int64_t now_ms() noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string text_of(int error) { return std::generic_category().message(error); }

std::size_t weight_of(const Event& event) noexcept {
  std::size_t bytes = sizeof(Event);
  for (const auto& message : {event.message, event.request}) {
    if (message) bytes += sizeof(Request) + message->payload.size();
  }
  for (const RuleMatch& match : event.findings.matches) {
    bytes += sizeof(RuleMatch) + match.message.size() + match.data.size();
    bytes += match.variable.size() + match.file.size();
    for (const std::string& tag : match.tags) bytes += sizeof(std::string) + tag.size();
  }
  return bytes;
}

Problem problem_of(const std::string& target, int error) {
  Problem problem;
  problem.text = "cannot open the events file " + target + ": " + text_of(error);
  problem.remedy =
      "name a file in a folder that exists and that the daemon's user may write to, "
      "\"-\" "
      "for standard output, or none";
  return problem;
}

}  // namespace

Result<std::unique_ptr<EventWriter>, Problem> EventWriter::open(const std::string& target,
                                                                Limits limits) {
  std::unique_ptr<EventWriter> writer(new EventWriter(target, limits));
  writer->give_up_at_ms_.store(kNever);
  if (target == "none") return writer;
  auto file = EventFile::open(target);
  if (!file) return problem_of(target, file.error().code);
  writer->file_ = std::make_unique<EventFile>(std::move(*file));
  const SignalsBlocked blocked;
  try {
    writer->thread_ = std::thread(&EventWriter::run, writer.get());
  } catch (const std::system_error& error) {
    return problem_of(target, error.code().value());
  }
  return writer;
}

EventWriter::~EventWriter() { close(kPatience); }

void EventWriter::write(Event&& event) {
  if (target_ == "none") return;
  const std::size_t weight = weight_of(event);
  if (!thread_.joinable() || held_events_.load() >= limits_.events ||
      held_bytes_.load() + weight > limits_.bytes) {
    overflowed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  held_events_.fetch_add(1);
  held_bytes_.fetch_add(weight);
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = queue_.empty();
    queue_.push_back(std::move(event));
  }
  if (was_empty) wake_.notify_one();
}

void EventWriter::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  wake_.notify_one();
}

void EventWriter::close(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  give_up_at_ms_.store(now_ms() + patience.count());
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool EventWriter::may_wait() const noexcept { return now_ms() < give_up_at_ms_.load(); }

void EventWriter::run() {
  std::vector<Event> batch;
  for (;;) {
    bool reopen = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || reopen_ || !queue_.empty(); });
      if (stop_ && queue_.empty()) return;
      batch.swap(queue_);
      reopen = std::exchange(reopen_, false);
    }
    if (reopen) reopen_file();
    write_batch(batch);
    report_overflow();
  }
}

void EventWriter::write_batch(std::vector<Event>& batch) {
  for (Event& event : batch) {
    const std::size_t weight = weight_of(event);
    write_one(event);
    event = Event{};  // frees the request before its weight is given back
    held_bytes_.fetch_sub(weight);
    held_events_.fetch_sub(1);
  }
  batch.clear();
}

void EventWriter::write_one(const Event& event) {
  if (!may_wait()) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string reason;
  try {
    const int error =
        file_->write_line(to_json_line(event), [this] { return may_wait(); });
    if (error == 0) return;
    reason = text_of(error);
  } catch (const std::exception& error) {
    reason = error.what();
  }
  failed_.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t suppressed = 0;
  if (!failure_log_.allow(suppressed)) return;
  log::error("event-not-written",
             {{"target", target_}, {"error", reason}, {"suppressed", suppressed}},
             "the event is lost; make room or repair the target, then send SIGUSR1");
}

void EventWriter::reopen_file() {
  auto file = EventFile::open(target_);
  if (file) {
    *file_ = std::move(*file);
    return;
  }
  log::error(
      "events-not-reopened", {{"target", target_}, {"error", text_of(file.error().code)}},
      "events go on to the old file; create the folder or mend its rights, then send "
      "SIGUSR1 again");
}

void EventWriter::report_overflow() {
  const std::uint64_t overflowed = overflowed_.load(std::memory_order_relaxed);
  std::uint64_t suppressed = 0;
  if (overflowed == reported_overflow_ || !overflow_log_.allow(suppressed)) return;
  log::warn(
      "events-dropped",
      {{"target", target_}, {"dropped", overflowed - reported_overflow_}},
      "more events than the target takes: tune rules that match too often, or give the "
      "events a faster disk");
  reported_overflow_ = overflowed;
}

}  // namespace spoa::report
