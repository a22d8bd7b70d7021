#include "dispatcher.h"

#include <iterator>
#include <optional>
#include <utility>

#include "judge/decide.h"
#include "judge/summary.h"

namespace spoa::serve {
namespace {

// How many generations of the rules may live at once.
constexpr std::uint64_t kGenerations = 3;

std::chrono::microseconds us(inspect::Job::Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time);
}

Findings waited_too_long(const inspect::Job& job, inspect::Job::Clock::time_point now) {
  Findings findings;
  findings.failure = Failure::kOverload;
  findings.queue_time = us(now - job.received());
  return findings;
}

Findings took_too_long(inspect::Job& job, inspect::Job::Clock::time_point now) {
  if (const Findings* reached = job.reached()) return *reached;
  inspect::Progress& progress = job.progress();
  progress.give_up();
  Findings findings;
  findings.failure = Failure::kTimeout;
  findings.queue_time = us(progress.begun() - job.received());
  findings.inspect_time = us(now - progress.begun());
  findings.phase = progress.phase();
  return findings;
}

// Answers that are due leave together, and the loop may have other things to do first:
// what waits ends at seven eighths of processing-timeout, and what is being inspected at
// fifteen sixteenths, so that the answer is there within it.
std::chrono::milliseconds wait_of(std::chrono::milliseconds timeout) {
  return timeout - timeout / 8;
}
std::chrono::milliseconds time_of(std::chrono::milliseconds timeout) {
  return timeout - timeout / 16;
}

inspect::WorkerQueue::Limits queue_limits(const Settings& settings) {
  return {settings.queue, settings.limits.buffered_bytes,
          wait_of(settings.processing_timeout)};
}

}  // namespace

Dispatcher::Dispatcher(Parts parts, const Settings& settings)
    : parts_(std::move(parts)),
      processing_timeout_(settings.processing_timeout),
      timer_(parts_.loop, [this] { expire(); }),
      mailbox_(parts_.loop,
               [this](inspect::Finished&& done) { finished(std::move(done)); }),
      held_({parts_.loop, parts_.metrics,
             [this](std::unique_ptr<inspect::Transaction> transaction) {
               pool_.end(std::move(transaction));
             }}),
      pool_(queue_limits(settings),
            [this](inspect::Finished&& done) { mailbox_.post(std::move(done)); }),
      hang_timeout_(settings.hang_timeout) {}

bool Dispatcher::start(std::size_t workers) {
  if (!pool_.start(workers)) return false;
  watchdog_.emplace(parts_.loop, parts_.metrics, pool_, hang_timeout_,
                    [this] { parts_.lost(); });
  return true;
}

void Dispatcher::use(std::shared_ptr<const Generation> generation) {
  generation_ = std::move(generation);
  if (generation_->number > kGenerations) {
    held_.end_generations_below(generation_->number - kGenerations + 1);
  }
}

void Dispatcher::set_limits(const Settings& settings) {
  processing_timeout_ = settings.processing_timeout;
  pool_.set_limits(queue_limits(settings));
}

void Dispatcher::submit(SessionId session, FrameId frame, Request message) {
  Pending pending = prepare(session, frame, std::move(message));
  if (const auto failure = refuse(pending)) {
    if (auto& unused = pending.job->transaction()) pool_.end(std::move(unused));
    Findings findings;
    findings.failure = failure;
    conclude(pending, std::move(findings));
    return;
  }
  const std::uint64_t serial = pending.job->serial();
  const auto received = pending.job->received();
  pending.end = received + time_of(processing_timeout_);
  deadlines_.emplace_hint(deadlines_.end(), received + wait_of(processing_timeout_),
                          serial);
  pending_.emplace(serial, std::move(pending));
  arm_timer();
}

Dispatcher::Pending Dispatcher::prepare(SessionId session, FrameId frame,
                                        Request message) {
  const Application& application = choose_application(message);
  const inspect::Origin origin{number_of(application.name), session};
  // With its generation: that lives until the transaction has ended.
  std::shared_ptr<const inspect::Profile> profile(generation_, application.profile.get());
  Pending pending{session,
                  frame,
                  generation_,
                  &application,
                  std::make_shared<inspect::Job>(std::move(message), std::move(profile),
                                                 ++last_serial_, origin),
                  nullptr,
                  {}};
  if (pending.job->message().response_status) {
    find_request(pending);
  } else if (application.profile->responses.inspect &&
             responding_.count(application.name) > 0) {
    pending.job->keep_transaction();
  }
  return pending;
}

std::uint32_t Dispatcher::number_of(const std::string& application) {
  const auto next = static_cast<std::uint32_t>(numbers_.size());
  return numbers_.try_emplace(application, next).first->second;
}

/// A response is judged by what judged its request.
void Dispatcher::find_request(Pending& pending) {
  const inspect::Job& response = *pending.job;
  if (pending.application->profile->responses.inspect) {
    responding_.insert(pending.application->name);
  }
  auto held = held_.take(pending.application->name, response.message().id);
  if (held.transaction && pool_.hangs(held.transaction->worker())) {
    pool_.end(std::move(held.transaction));
  }
  if (!held.transaction) {
    parts_.metrics.app(pending.application->name).count_unmatched_response();
    return;
  }
  pending.request = held.transaction->request();
  pending.generation = std::move(held.generation);
  pending.application = held.application;
  pending.job->continue_with(std::move(held.transaction));
}

const Application& Dispatcher::choose_application(const Request& message) {
  if (!message.app.empty()) {
    if (const Application* named = generation_->find(message.app)) return *named;
    parts_.metrics.count_unknown_application();
  }
  return generation_->default_application();
}

std::optional<Failure> Dispatcher::refuse(const Pending& pending) {
  const Request& message = pending.job->message();
  if (message.fault != RequestFault::kNone)
    parts_.metrics.count_request_fault(message.fault);
  parts_.metrics.count_unknown_arguments(message.unknown_arguments);
  parts_.metrics.count_context(message.context);
  if (draining_) return Failure::kShutdown;
  if (const auto failure = judge::unfit(message, pending.application->policy))
    return failure;
  if (const auto failure = refuse_response(pending)) return failure;
  if (!enqueue(pending)) return Failure::kOverload;
  return std::nullopt;
}

bool Dispatcher::enqueue(const Pending& pending) {
  const inspect::Pushed pushed = pool_.submit(pending.job);
  const auto now = inspect::Job::Clock::now();
  for (const auto& shed : pushed.shed) {
    if (shed->progress().give_up_waiting())
      give_up(shed->serial(), waited_too_long(*shed, now));
  }
  return pushed.taken;
}

/// Answers what has been taken, but has no answer yet.
void Dispatcher::give_up(std::uint64_t serial, Findings&& last_word) {
  const auto found = pending_.extract(serial);
  const Pending& pending = found.mapped();
  conclude(pending, std::move(last_word));
  pool_.forget(*pending.job);
}

/// Without its request a response can be inspected on its own, if it has headers: all
/// that the rules for responses look at.
std::optional<Failure> Dispatcher::refuse_response(const Pending& pending) {
  const Request& message = pending.job->message();
  if (!message.response_status) return std::nullopt;
  const bool enough = pending.request != nullptr || !message.headers.empty();
  if (enough && pending.application->profile->responses.inspect) return std::nullopt;
  return Failure::kUnknownTransaction;
}

void Dispatcher::finished(inspect::Finished&& done) {
  auto found = pending_.extract(done.job->serial());
  if (found.empty()) {
    parts_.metrics.count_late_findings();
    if (done.transaction) pool_.end(std::move(done.transaction));
    return;
  }
  const Pending& pending = found.mapped();
  const Verdict verdict = conclude(pending, std::move(done.findings));
  if (done.transaction) keep_or_end(pending, verdict, std::move(done.transaction));
}

/// A request that does not reach the application has no response.
void Dispatcher::keep_or_end(const Pending& pending, const Verdict& verdict,
                             std::unique_ptr<inspect::Transaction> transaction) {
  const bool too_old = pending.generation->number + kGenerations <= generation_->number;
  if (verdict.action != Action::kAllow || too_old || draining_) {
    pool_.end(std::move(transaction));
    return;
  }
  held_.put({std::move(transaction), pending.generation, pending.application,
             pending.job->serial()});
}

bool Dispatcher::settle() {
  const bool idle = pool_.idle();  // before: what is handed back later is not missed
  mailbox_.deliver();
  return idle && pool_.idle();
}

void Dispatcher::arm_timer() {
  if (deadlines_.empty() || deadlines_.begin()->first >= armed_for_) return;
  armed_for_ = deadlines_.begin()->first;
  timer_.start(std::chrono::duration_cast<std::chrono::microseconds>(
      armed_for_ - inspect::Job::Clock::now()));
}

void Dispatcher::expire() {
  armed_for_ = inspect::Job::Clock::time_point::max();
  mailbox_.deliver();  // a verdict that has been reached is never thrown away
  const auto now = inspect::Job::Clock::now();
  while (!deadlines_.empty()) {
    const auto [at, serial] = *deadlines_.begin();
    const auto found = pending_.find(serial);
    if (at > now && found != pending_.end()) break;
    deadlines_.erase(deadlines_.begin());
    if (found == pending_.end()) continue;
    inspect::Job& job = *found->second.job;
    if (job.progress().give_up_waiting()) {
      give_up(serial, waited_too_long(job, now));
    } else if (now < found->second.end) {
      deadlines_.emplace(found->second.end, serial);
    } else {
      give_up(serial, took_too_long(job, now));
    }
  }
  arm_timer();
}

/// Of responses HAProxy hands over what has come, and those of an application that does
/// not inspect them are its operator's choice, no failure.
Policy Dispatcher::policy_for(const Pending& pending) {
  Policy policy = pending.application->policy;
  if (!pending.job->message().response_status) return policy;
  policy.on_truncated_body = TruncationPolicy::kInspect;
  if (!pending.application->profile->responses.inspect) {
    policy.on_failure = FailurePolicy::kAllow;
  }
  return policy;
}

Verdict Dispatcher::conclude(const Pending& pending, Findings&& findings) {
  const Request& message = pending.job->message();
  // Inspected, but for what HAProxy could not hand over: only the rules' "no" counts.
  if (message.fault != RequestFault::kNone && !findings.failure) {
    findings.failure = Failure::kBadRequest;
  }
  // Of a response it counts only where its body was looked at.
  if (!message.response_status && message.body_truncated) findings.body_truncated = true;
  Verdict verdict = judge::decide(findings, policy_for(pending));
  if (message.detect_only) verdict = judge::only_observed(verdict);
  judge::Summary summary = judge::summarise(findings.matches);
  count(pending, findings, verdict);
  if (findings.failure) log_uninspected(pending, findings, verdict);

  reply::Answer answer;
  answer.frame = pending.frame;
  answer.verdict = verdict;
  answer.id = message.id;
  answer.anomaly_score = findings.anomaly_score;
  answer.rules_hit = summary.rules_hit;
  answer.rule_ids = std::move(summary.rule_ids);
  answer.body_truncated = findings.body_truncated;
  answer.ruleset = pending.generation->number;
  answer.inspect_us = static_cast<std::uint64_t>(findings.inspect_time.count());
  answer.response = message.response_status.has_value();
  answer.dialect = message.dialect;
  if (findings.intervention) answer.rule_id = findings.intervention->rule_id;
  answer.ja3 = message.context.ja3.text;
  answer.ja4 = message.context.ja4.text;
  parts_.answer(pending.session, answer);

  if (report::is_due(verdict, findings, answer.response)) {
    parts_.events.write({std::chrono::system_clock::now(), pending.job->shared_message(),
                         pending.request, pending.application->name, verdict,
                         std::move(findings), pending.generation->number});
  }
  return verdict;
}

/// A flood is exactly when the disk must not fill with these: one line a second.
void Dispatcher::log_uninspected(const Pending& pending, const Findings& findings,
                                 const Verdict& verdict) {
  std::uint64_t suppressed = 0;
  if (!uninspected_log_.allow(suppressed)) return;
  const Request& message = pending.job->message();
  log::warn("uninspected",
            {{"id", message.id},
             {"app", pending.application->name},
             {"reason", name_of(verdict.reason)},
             {"fault", name_of(message.fault)},
             {"exceeded", name_of(findings.exceeded)},
             {"action", name_of(verdict.action)},
             {"queue_us", findings.queue_time.count()},
             {"suppressed", suppressed}},
            "a policy decided, not the rules; docs/operations.md says what to do");
}

void Dispatcher::count(const Pending& pending, const Findings& findings,
                       const Verdict& verdict) {
  AppMetrics& metrics = parts_.metrics.app(pending.application->name);
  metrics.count(verdict, findings);
  if (findings.body_truncated) metrics.count_truncated_body();
  metrics.count_exceeded(findings.exceeded);
  metrics.count_body_fault(findings.body_coding, findings.body_fault);
}

}  // namespace spoa::serve
