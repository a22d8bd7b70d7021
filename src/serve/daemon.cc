#include "daemon.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "inspect/engine.h"
#include "log.h"
#include "seclang/jit.h"
#include "settings/reload.h"
#include "spoa/exit_status.h"

namespace spoa::serve {
namespace {

// What a drain may take beyond the time requests have anyway.
constexpr std::chrono::seconds kDrainExtra{5};
constexpr std::chrono::milliseconds kLastEvents{500};
constexpr std::chrono::milliseconds kIdlePoll{5};
// Rules take a second to load, hundreds of applications with rules of their own a minute.
constexpr std::chrono::seconds kReloadPatience{60};

void log_problems(const char* event, const std::vector<Problem>& problems,
                  bool as_errors) {
  for (const Problem& problem : problems) {
    (as_errors ? log::error : log::warn)(event,
                                         {{"file", problem.file},
                                          {"line", problem.line},
                                          {"column", problem.column},
                                          {"problem", problem.text}},
                                         problem.remedy);
  }
}

}  // namespace

Daemon::Daemon(const settings::Invocation& invocation)
    : settings_(invocation.settings),
      in_force_(invocation.settings),
      metrics_({PROJECT_VERSION, inspect::library_version()}),
      sessions_(loop_, metrics_, settings_, [this](bool full) { pause_accepting(full); }),
      reloader_(
          {loop_,
           [&invocation](std::uint64_t number) { return load_again(invocation, number); },
           [this](Reloader::Run) { notifier_.reloading("reloading; " + status()); },
           [this](Reloader::Run) { reload_hangs(); },
           [this](Reloader::Run run, LoadResult&& result) {
             reloaded(run, std::move(result));
           },
           kReloadPatience}),
      pages_{[this] { return metrics_.render(gauges()); }, [this] { return !draining_; },
             [this](accept::HttpReply reply) { post_reload(std::move(reply)); }},
      reload_answers_(loop_, kReloadPatience),
      notifier_(loop_, [this] { return healthy(); }),
      drain_grace_(loop_,
                   [this] {
                     dispatcher_->drain();
                     dispatcher_->end_held();
                   }),
      drain_limit_(loop_,
                   [this] {
                     log::warn(
                         "drain-limit", {{"connections", sessions_.count()}},
                         "peers or workers did not end in time; stopping without them");
                     abandon(kExitDone);
                   }),
      idle_poll_(loop_, [this] { end_when_idle(); }) {}

bool Daemon::start(Loaded loaded) {
  watch_signals();
  if (!open_events()) return false;
  for (std::size_t item = 0; item < settings_.listen.size(); ++item) {
    if (!open_listener(item, loaded.certificates[item])) return false;
  }
  if (!open_admin()) return false;

  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Parts{loop_, metrics_, *events_,
                        [this](SessionId id, const reply::Answer& answer) {
                          sessions_.answer(id, answer);
                        },
                        [this] { abandon(kExitFailed); }},
      settings_);
  use(std::move(loaded.generation));
  sessions_.set_dispatcher(*dispatcher_);
  if (!dispatcher_->start(settings_.workers)) return false;
  if (!seclang::regex_jit_works()) {
    log::warn(
        "regex-jit-off", {},
        "patterns are interpreted, several times slower; is MemoryDenyWriteExecute= on?");
  }
  log::info("ready",
            {{"version", PROJECT_VERSION},
             {"libmodsecurity", inspect::library_version()},
             {"workers", settings_.workers},
             {"applications", dispatcher_->generation().applications.size()},
             {"rules", dispatcher_->generation().rule_count}},
            "inspecting requests");
  notifier_.ready(status());
  return true;
}

void Daemon::run() { loop_.run(); }

bool Daemon::open_events() {
  auto events = report::EventWriter::open(settings_.events);
  if (!events) {
    log::error("events-failed", {{"problem", events.error().text}},
               events.error().remedy);
    return false;
  }
  events_ = std::move(*events);
  return true;
}

bool Daemon::open_listener(std::size_t item,
                           std::shared_ptr<const accept::TlsContext> tls) {
  const Listen& listen = settings_.listen[item];
  auto sockets = accept::open_listen_sockets(listen, "spop");
  if (!sockets) {
    log::error("listen-failed", {{"problem", sockets.error()}},
               "is another agent running, or the address not this machine's?");
    return false;
  }
  for (accept::ListenSocket& socket : *sockets) {
    log::info("listening", {{"address", socket.name()}, {"protocol", "spop"}},
              "for HAProxy");
    listeners_.push_back(std::make_unique<accept::Listener>(
        loop_, std::move(socket), tls,
        [this](accept::Accepted accepted) { sessions_.open(std::move(accepted)); }));
    if (tls) tls_listeners_.push_back({listeners_.back().get(), item});
  }
  return true;
}

bool Daemon::open_admin() {
  auto sockets =
      accept::open_listen_sockets(Listen{settings_.admin, {}, {}, {}}, "admin");
  if (!sockets) {
    log::error("listen-failed", {{"problem", sockets.error()}},
               "choose another address with admin: or --admin");
    return false;
  }
  accept::ListenSocket& socket = sockets->front();
  log::info("listening", {{"address", socket.name()}, {"protocol", "http"}},
            "for /metrics, /healthz, /readyz and /reload");
  admin_ = std::make_unique<accept::HttpServer>(
      loop_, std::move(socket),
      [this](const accept::HttpRequest& request, accept::HttpReply reply) {
        answer(pages_, request, std::move(reply));
      });
  return true;
}

void Daemon::on_signal(int signal, std::function<void()> callback) {
  signals_.push_back(
      std::make_unique<accept::SignalHandler>(loop_, signal, std::move(callback)));
}

void Daemon::watch_signals() {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: a peer that is gone is an error of write(2)
  on_signal(SIGTERM, [this] { stop(); });
  on_signal(SIGINT, [this] { stop(); });
  on_signal(SIGHUP, [this] {
    if (!draining_) reload();
  });
  on_signal(SIGUSR1, [this] { reopen_files(); });
}

Reloader::Run Daemon::reload() {
  log::info("reload", {}, "loading settings, rules and certificates; the old ones serve");
  return reloader_.begin();
}

void Daemon::post_reload(accept::HttpReply reply) {
  if (draining_) {
    reply(draining_answer());
    return;
  }
  reload_answers_.add(reload(), std::move(reply));
}

void Daemon::reload_hangs() {
  log::error("reload-hangs", {{"seconds", kReloadPatience.count()}},
             "it goes on; what was in force stays. A disk, or a list fetched from "
             "elsewhere, that does not answer?");
  if (!draining_) notifier_.ready("a reload hangs; " + status());
}

void Daemon::pause_accepting(bool full) {
  for (const auto& listener : listeners_) full ? listener->pause() : listener->resume();
}

/// While draining nothing new is taken in; who waited for it has been told.
void Daemon::reloaded(Reloader::Run run, LoadResult&& result) {
  metrics_.count_reload(result ? ReloadResult::kSuccess : ReloadResult::kFailure);
  if (draining_) return;
  if (result) {
    take_in(run, std::move(*result));
  } else {
    refuse(run, result.error());
  }
}

/// Everything or nothing: none of this can fail.
void Daemon::take_in(Reloader::Run run, Loaded&& loaded) {
  const auto needs_restart = settings::needs_restart(in_force_, loaded.settings);
  in_force_ = settings::taken_in(std::move(in_force_), loaded.settings);
  log::set_level(in_force_.log_level);
  use_certificates(loaded);
  use(std::move(loaded.generation));
  dispatcher_->set_limits(in_force_);
  const Generation& now = dispatcher_->generation();
  log::info("reloaded",
            {{"ruleset", now.number},
             {"rules", now.rule_count},
             {"took_us", now.load_time.count()}},
            "new requests use these rules");
  for (const settings::NeedsRestart& each : needs_restart) {
    log::warn(
        "needs-restart",
        {{"setting", each.setting}, {"in_force", each.in_force}, {"wanted", each.wanted}},
        "a reload does not take it in; the value in force stays until a restart");
  }
  reload_answers_.end(run, reloaded_answer(now, needs_restart));
  notifier_.ready(needs_restart.empty() ? status()
                                        : status() + "; some settings need a restart");
}

void Daemon::refuse(Reloader::Run run, const std::vector<Problem>& problems) {
  log_problems("reload-problem", problems, true);
  log::error("reload-failed", {{"problems", problems.size()}},
             "settings, rules and certificates stay as they were");
  reload_answers_.end(run, refused_answer(dispatcher_->generation(), problems));
  notifier_.ready(fmt::format("the last reload was refused, errors: {}; {}",
                              problems.size(), status()));
}

void Daemon::use(std::unique_ptr<const Generation> generation) {
  log_problems("rules-warning", generation->warnings, false);
  metrics_.set_reload_time(generation->load_time);
  dispatcher_->use(graveyard_.adopt(std::move(generation)));
}

/// Of the listeners that are open; another address needs a restart.
void Daemon::use_certificates(const Loaded& loaded) {
  for (const TlsListener& entry : tls_listeners_) {
    const auto same =
        settings::same_listener(in_force_.listen, entry.item, loaded.settings.listen);
    if (same && loaded.certificates[*same])
      entry.listener->use(loaded.certificates[*same]);
  }
}

void Daemon::reopen_files() {
  events_->reopen();
  if (!log::reopen()) {
    log::error("log-reopen-failed", {{"file", settings_.log_file}},
               "the old file stays open");
  }
}

void Daemon::stop() {
  if (draining_) {
    log::warn("stopped", {}, "second signal: stopping without draining");
    abandon(kExitDone);
  }
  draining_ = true;
  const auto limit = in_force_.processing_timeout * 2 + kDrainExtra;
  notifier_.stopping("draining", limit + kDrainExtra);
  log::info("draining", {{"connections", sessions_.count()}},
            "no new connections; everything taken is answered");
  tls_listeners_.clear();
  listeners_.clear();
  reloader_.stop();
  reload_answers_.end_all(draining_answer());
  drain_grace_.start(in_force_.processing_timeout);
  drain_limit_.start(limit);
  sessions_.drain([this] { drained(); });
}

void Daemon::drained() {
  log::info("drained", {}, "every request was answered");
  dispatcher_->end_held();
  idle_poll_.start(kIdlePoll);  // not at once: the admin pages' last answers leave first
}

/// A worker at a request that was answered `timeout` may take for ever: drain_limit_ ends
/// that. A load cannot be interrupted, and nobody waits for it any more.
void Daemon::end_when_idle() {
  if (!dispatcher_->settle()) {
    idle_poll_.start(kIdlePoll);
  } else if (reloader_.busy()) {
    abandon(kExitDone);
  } else {
    loop_.stop();
  }
}

/// Waits for no thread but the events': another may be the reason.
void Daemon::abandon(int status) {
  listeners_.clear();
  admin_ = nullptr;
  events_->close(kLastEvents);
  std::_Exit(status);
}

/// What `systemctl status` shows.
std::string Daemon::status() const {
  if (!dispatcher_) return "starting";
  const Generation& now = dispatcher_->generation();
  std::string names;
  for (const Application& application : now.applications) {
    names += (names.empty() ? "" : ", ") + application.name;
  }
  return fmt::format("ruleset {}: {} rules; applications: {}", now.number, now.rule_count,
                     names);
}

/// Whether the watchdog is to be told so: that the loop turns is said by the asking.
bool Daemon::healthy() const {
  return !dispatcher_ || dispatcher_->workers().workers() > 0;
}

Gauges Daemon::gauges() const {
  Gauges gauges;
  gauges.queue_depth = dispatcher_->workers().waiting();
  gauges.workers = dispatcher_->workers().workers();
  gauges.workers_busy = dispatcher_->workers().busy();
  gauges.workers_hung = dispatcher_->workers().hung();
  gauges.connections = sessions_.count();
  gauges.buffered_bytes = sessions_.buffered_bytes();
  gauges.ruleset_generation = dispatcher_->generation().number;
  gauges.generations_live = graveyard_.live();
  gauges.reload_running = reloader_.running_for();
  gauges.events_dropped = events_->dropped();
  return gauges;
}

}  // namespace spoa::serve
