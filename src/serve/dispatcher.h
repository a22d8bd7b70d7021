// From message to verdict: hands requests and responses to the workers, keeps their
// deadlines, and sees to it that every NOTIFY gets exactly one answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "accept/loop.h"
#include "accept/mailbox.h"
#include "generation.h"
#include "held_transactions.h"
#include "inspect/worker_pool.h"
#include "log.h"
#include "metrics.h"
#include "reply/ack.h"
#include "report/event_writer.h"
#include "spoa/findings.h"
#include "spoa/frame.h"
#include "spoa/request.h"
#include "watchdog.h"

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
    /// Called when no worker is left.
    std::function<void()> lost;
  };

  Dispatcher(Parts parts, const Settings& settings);
  ~Dispatcher() { held_.end_all(); }
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Starts the workers. False: the log says why not.
  bool start(std::size_t workers);

  /// Takes a request or response over. Its answer comes through Parts::answer, once:
  /// during this call when it cannot be inspected, else when a worker is done or its time
  /// is up.
  void submit(SessionId session, FrameId frame, Request message);

  /// Later requests use this generation; earlier ones end with theirs. Before the first
  /// request there must be one.
  void use(std::shared_ptr<const Generation> generation);
  /// Messages that come from now on have `processing_timeout`, and `queue` and
  /// `limits.buffered` to wait in.
  void set_limits(const Settings& settings);
  [[nodiscard]] const Generation& generation() const noexcept { return *generation_; }

  /// From now on messages are answered `shutdown`. What was taken is still inspected.
  void drain() noexcept { draining_ = true; }
  /// No response is inspected any more: ends the transactions that wait for one.
  void end_held() { held_.end_all(); }
  /// Takes in what workers have handed back. True: nothing is under way any more.
  bool settle();

  [[nodiscard]] const inspect::WorkerPool& workers() const noexcept { return pool_; }

 private:
  /// A message on its way.
  struct Pending {
    SessionId session = 0;
    FrameId frame;
    std::shared_ptr<const Generation> generation;
    const Application* application = nullptr;  // of `generation`
    std::shared_ptr<inspect::Job> job;
    std::shared_ptr<const Request> request;  ///< of a response, when it is known
    inspect::Job::Clock::time_point end;  ///< answered by then, whatever the worker does
  };
  const Application& choose_application(const Request& message);
  Pending prepare(SessionId session, FrameId frame, Request message);
  void find_request(Pending& pending);
  std::optional<Failure> refuse(const Pending& pending);
  std::optional<Failure> refuse_response(const Pending& pending);
  bool enqueue(const Pending& pending);
  void give_up(std::uint64_t serial, Findings&& last_word);
  std::uint32_t number_of(const std::string& application);
  void finished(inspect::Finished&& finished);
  void expire();
  void keep_or_end(const Pending& pending, const Verdict& verdict,
                   std::unique_ptr<inspect::Transaction> transaction);
  void arm_timer();
  static Policy policy_for(const Pending& pending);
  Verdict conclude(const Pending& pending, Findings&& findings);
  void log_uninspected(const Pending& pending, const Findings& findings,
                       const Verdict& verdict);
  void count(const Pending& pending, const Findings& findings, const Verdict& verdict);

  Parts parts_;
  std::chrono::milliseconds processing_timeout_;
  std::shared_ptr<const Generation> generation_;
  log::RateLimit uninspected_log_;
  bool draining_ = false;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;  // by the job's serial
  // Of jobs, by serial; those of answered ones stay until due.
  std::multimap<inspect::Job::Clock::time_point, std::uint64_t> deadlines_;
  inspect::Job::Clock::time_point armed_for_ =
      inspect::Job::Clock::time_point::max();      // max: not armed
  std::set<std::string, std::less<>> responding_;  // applications, once seen to
  std::map<std::string, std::uint32_t> numbers_;   // of applications, for their shares
  accept::Timer timer_;
  accept::Mailbox<inspect::Finished> mailbox_;
  HeldTransactions held_;
  inspect::WorkerPool pool_;  // its threads post to the mailbox
  const std::chrono::milliseconds hang_timeout_;
  std::optional<Watchdog> watchdog_;
};

}  // namespace spoa::serve
