// From request to verdict: hands requests to the workers, keeps their deadlines, and sees
// to it that every NOTIFY gets exactly one answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "accept/loop.h"
#include "accept/mailbox.h"
#include "generation.h"
#include "inspect/worker_pool.h"
#include "log.h"
#include "metrics.h"
#include "reply/ack.h"
#include "report/event_writer.h"
#include "spoa/findings.h"
#include "spoa/frame.h"
#include "spoa/request.h"

namespace spoa::serve {

/// Never used twice, so that a late answer cannot reach another's connection.
using SessionId = std::uint64_t;

/// Loop thread only.
class Dispatcher {
 public:
  struct Parts {
    accept::Loop& loop;
    Metrics& metrics;
    report::EventWriter& events;
    /// Carries an answer to its connection, which may be gone.
    std::function<void(SessionId, const reply::Answer&)> answer;
  };

  Dispatcher(Parts parts, const Settings& settings);

  /// Starts the workers. False: the log says why not.
  bool start(std::size_t workers) { return pool_.start(workers); }

  /// Takes a request over. Its answer comes through Parts::answer, once: during this call
  /// when it cannot be inspected, else when a worker is done or its time is up.
  void submit(SessionId session, FrameId frame, Request request);

  /// Later requests use this generation; earlier ones end with theirs. Before the first
  /// request there must be one.
  void use(std::shared_ptr<const Generation> generation);
  [[nodiscard]] const Generation& generation() const noexcept { return *generation_; }

  /// From now on requests are answered `shutdown`. What was taken is still inspected.
  void drain() noexcept { draining_ = true; }

  [[nodiscard]] const inspect::WorkerPool& workers() const noexcept { return pool_; }

 private:
  /// A request on its way.
  struct Pending {
    SessionId session = 0;
    FrameId frame;
    std::shared_ptr<const Generation> generation;
    const Application* application = nullptr;  // of `generation`
    std::shared_ptr<inspect::Job> job;
  };
  struct Deadline {
    inspect::Job::Clock::time_point at;
    std::uint64_t serial = 0;
  };

  const Application& choose_application(const Request& request);
  std::optional<Failure> refuse(const Pending& pending);
  void finished(inspect::Finished&& finished);
  void expire();
  void arm_timer();
  void conclude(const Pending& pending, Findings&& findings);
  void log_uninspected(const Pending& pending, const Findings& findings,
                       const Verdict& verdict);
  void count(const Pending& pending, const Findings& findings, const Verdict& verdict);

  Parts parts_;
  const std::chrono::milliseconds processing_timeout_;
  std::shared_ptr<const Generation> generation_;
  log::RateLimit uninspected_log_;
  bool draining_ = false;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;  // by the job's serial
  std::deque<Deadline> deadlines_;  // in order; answered ones stay until due
  bool timer_armed_ = false;
  accept::Timer timer_;
  accept::Mailbox<inspect::Finished> mailbox_;
  inspect::WorkerPool pool_;  // last: its threads post to the mailbox
};

}  // namespace spoa::serve
