#include "dispatcher.h"

#include <optional>
#include <utility>

#include "judge/decide.h"
#include "judge/summary.h"

namespace spoa::serve {
namespace {

/// What there is to say about a job whose time is up.
Findings give_up(inspect::Job& job, inspect::Job::Clock::time_point now) {
  const auto us = [](inspect::Job::Clock::duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time);
  };
  Findings findings;
  inspect::Progress& progress = job.progress();
  if (progress.give_up()) {
    findings.failure = Failure::kOverload;
    findings.queue_time = us(now - job.received());
  } else {
    findings.failure = Failure::kTimeout;
    findings.queue_time = us(progress.begun() - job.received());
    findings.inspect_time = us(now - progress.begun());
    findings.phase = progress.phase();
  }
  return findings;
}

}  // namespace

Dispatcher::Dispatcher(Parts parts, const Settings& settings)
    : parts_(std::move(parts)),
      processing_timeout_(settings.processing_timeout),
      timer_(parts_.loop, [this] { expire(); }),
      mailbox_(parts_.loop,
               [this](inspect::Finished&& done) { finished(std::move(done)); }),
      pool_(settings.queue,
            [this](inspect::Finished&& done) { mailbox_.post(std::move(done)); }) {}

void Dispatcher::use(std::shared_ptr<const Generation> generation) {
  generation_ = std::move(generation);
}

void Dispatcher::submit(SessionId session, FrameId frame, Request request) {
  const Application& application = choose_application(request);
  const std::uint64_t serial = ++last_serial_;
  Pending pending{session, frame, generation_, &application,
                  std::make_shared<inspect::Job>(std::move(request), application.rules,
                                                 serial, application.bodies)};
  if (const auto failure = refuse(pending)) {
    Findings findings;
    findings.failure = failure;
    conclude(pending, std::move(findings));
    return;
  }
  deadlines_.push_back({pending.job->received() + processing_timeout_, serial});
  pending_.emplace(serial, std::move(pending));
  arm_timer();
}

const Application& Dispatcher::choose_application(const Request& request) {
  if (!request.app.empty()) {
    if (const Application* named = generation_->find(request.app)) return *named;
    parts_.metrics.count_unknown_application();
  }
  return generation_->default_application();
}

std::optional<Failure> Dispatcher::refuse(const Pending& pending) {
  const Request& request = pending.job->request();
  if (request.fault != RequestFault::kNone)
    parts_.metrics.count_request_fault(request.fault);
  parts_.metrics.count_unknown_arguments(request.unknown_arguments);
  if (draining_) return Failure::kShutdown;
  if (const auto failure = judge::unfit(request, pending.application->policy))
    return failure;
  if (!pool_.submit(pending.job)) return Failure::kOverload;
  return std::nullopt;
}

void Dispatcher::finished(inspect::Finished&& done) {
  auto found = pending_.extract(done.job->serial());
  if (found.empty()) {
    parts_.metrics.count_late_findings();
    return;
  }
  conclude(found.mapped(), std::move(done.findings));
}

void Dispatcher::arm_timer() {
  if (timer_armed_ || deadlines_.empty()) return;
  timer_armed_ = true;
  timer_.start(std::chrono::duration_cast<std::chrono::microseconds>(
      deadlines_.front().at - inspect::Job::Clock::now()));
}

void Dispatcher::expire() {
  timer_armed_ = false;
  mailbox_.deliver();  // a verdict that has been reached is never thrown away
  const auto now = inspect::Job::Clock::now();
  while (!deadlines_.empty()) {
    const Deadline& first = deadlines_.front();
    const auto waiting = pending_.find(first.serial);
    if (waiting != pending_.end()) {
      if (first.at > now) break;
      const Pending pending = std::move(waiting->second);
      pending_.erase(waiting);
      conclude(pending, give_up(*pending.job, now));
    }
    deadlines_.pop_front();
  }
  arm_timer();
}

void Dispatcher::conclude(const Pending& pending, Findings&& findings) {
  const Request& request = pending.job->request();
  // Inspected, but for what HAProxy could not hand over: only the rules' "no" counts.
  if (request.fault != RequestFault::kNone && !findings.failure) {
    findings.failure = Failure::kBadRequest;
  }
  findings.body_truncated = findings.body_truncated || request.body_truncated;
  Verdict verdict = judge::decide(findings, pending.application->policy);
  judge::Summary summary = judge::summarise(findings.matches);
  count(pending, findings, verdict);
  if (findings.failure) log_uninspected(pending, findings, verdict);

  reply::Answer answer;
  answer.frame = pending.frame;
  answer.verdict = verdict;
  answer.id = request.id;
  answer.anomaly_score = findings.anomaly_score;
  answer.rules_hit = summary.rules_hit;
  answer.rule_ids = std::move(summary.rule_ids);
  answer.body_truncated = findings.body_truncated;
  answer.ruleset = pending.generation->number;
  answer.inspect_us = static_cast<std::uint64_t>(findings.inspect_time.count());
  answer.response = request.response_status.has_value();
  parts_.answer(pending.session, answer);

  if (!report::is_due(verdict, findings)) return;
  parts_.events.write({std::chrono::system_clock::now(), pending.job->shared_request(),
                       pending.application->name, std::move(verdict), std::move(findings),
                       pending.generation->number});
}

/// A flood is exactly when the disk must not fill with these: one line a second.
void Dispatcher::log_uninspected(const Pending& pending, const Findings& findings,
                                 const Verdict& verdict) {
  std::uint64_t suppressed = 0;
  if (!uninspected_log_.allow(suppressed)) return;
  const Request& request = pending.job->request();
  log::warn("uninspected",
            {{"id", request.id},
             {"app", pending.application->name},
             {"reason", name_of(verdict.reason)},
             {"fault", name_of(request.fault)},
             {"action", name_of(verdict.action)},
             {"queue_us", findings.queue_time.count()},
             {"suppressed", suppressed}},
            "a policy decided, not the rules; docs/operations.md says what to do");
}

void Dispatcher::count(const Pending& pending, const Findings& findings,
                       const Verdict& verdict) {
  const Request& request = pending.job->request();
  AppMetrics& metrics = parts_.metrics.app(pending.application->name);
  metrics.count(verdict, findings);
  if (findings.body_truncated) metrics.count_truncated_body();
  metrics.count_body_fault(findings.body_coding, findings.body_fault);
  if (request.response_status) metrics.count_unmatched_response();
}

}  // namespace spoa::serve
