#include "daemon.h"

#include <cstdlib>
#include <utility>

#include <systemd/sd-daemon.h>

#include "inspect/engine.h"
#include "log.h"
#include "seclang/jit.h"
#include "spoa/exit_status.h"

namespace spoa::serve {
namespace {

// What a drain may take beyond the time requests have anyway.
constexpr std::chrono::seconds kDrainExtra{5};
constexpr std::chrono::milliseconds kLastEvents{500};
constexpr std::chrono::milliseconds kIdlePoll{5};

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
      metrics_({PROJECT_VERSION, inspect::library_version()}),
      sessions_(loop_, metrics_, settings_, [this](bool full) { pause_accepting(full); }),
      reloader_(loop_, invocation,
                [this](Reloaded&& outcome) { reloaded(std::move(outcome)); }),
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

bool Daemon::start(std::shared_ptr<const Generation> generation) {
  watch_signals();
  if (!open_events()) return false;
  for (const Listen& listen : settings_.listen) {
    if (!open_listener(listen)) return false;
  }
  if (!open_admin()) return false;

  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Parts{loop_, metrics_, *events_,
                        [this](SessionId id, const reply::Answer& answer) {
                          sessions_.answer(id, answer);
                        },
                        [this] { abandon(kExitFailed); }},
      settings_);
  use(std::move(generation));
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
  sd_notify(0, "READY=1");
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

bool Daemon::open_listener(const Listen& listen) {
  std::shared_ptr<const accept::TlsContext> tls;
  if (listen.tls) {
    auto loaded = accept::TlsContext::load(*listen.tls);
    if (!loaded) {
      log::error("tls-failed", {{"problem", loaded.error()}},
                 "see listen in the settings");
      return false;
    }
    tls = std::move(*loaded);
  }
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
    if (listen.tls) tls_listeners_.push_back({listeners_.back().get(), *listen.tls});
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
            "for /metrics, /healthz and /readyz");
  admin_ = std::make_unique<accept::HttpServer>(
      loop_, std::move(socket),
      [this](const accept::HttpRequest& request) { return answer(request); });
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
  on_signal(SIGHUP, [this] { reload(); });
  on_signal(SIGUSR1, [this] { reopen_files(); });
}

void Daemon::reload() {
  if (draining_) return;
  sd_notify(0, "RELOADING=1");
  log::info("reload", {}, "loading settings and rules; the old ones serve meanwhile");
  reload_certificates();
  reloader_.begin();
}

/// Of each listener on its own: what is wrong with one is no reason to keep another's
/// old.
void Daemon::reload_certificates() {
  for (const TlsListener& entry : tls_listeners_) {
    auto loaded = accept::TlsContext::load(entry.files);
    if (loaded) {
      entry.listener->use(std::move(*loaded));
    } else {
      log::error("tls-failed", {{"problem", loaded.error()}},
                 "the certificate before stays");
    }
  }
}

void Daemon::pause_accepting(bool full) {
  for (const auto& listener : listeners_) full ? listener->pause() : listener->resume();
}

void Daemon::reloaded(Reloaded&& outcome) {
  metrics_.count_reload(outcome ? ReloadResult::kSuccess : ReloadResult::kFailure);
  if (outcome) {
    use(std::move(*outcome));
    const Generation& now = dispatcher_->generation();
    log::info("reloaded",
              {{"ruleset", now.number},
               {"rules", now.rule_count},
               {"took_us", now.load_time.count()}},
              "new requests use these rules");
  } else {
    log_problems("reload-problem", outcome.error(), true);
    log::error("reload-failed", {{"problems", outcome.error().size()}},
               "the rules before stay in force");
  }
  if (!draining_) sd_notify(0, "READY=1");
}

void Daemon::use(std::shared_ptr<const Generation> generation) {
  log_problems("rules-warning", generation->warnings, false);
  metrics_.set_reload_time(generation->load_time);
  dispatcher_->use(std::move(generation));
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
  sd_notify(0, "STOPPING=1");
  log::info("draining", {{"connections", sessions_.count()}},
            "no new connections; everything taken is answered");
  tls_listeners_.clear();
  listeners_.clear();
  drain_grace_.start(settings_.processing_timeout);
  drain_limit_.start(settings_.processing_timeout * 2 + kDrainExtra);
  sessions_.drain([this] { drained(); });
}

void Daemon::drained() {
  log::info("drained", {}, "every request was answered");
  dispatcher_->end_held();
  end_when_idle();
}

/// A worker at a request that was answered `timeout`, or a slow load, may take for ever:
/// drain_limit_ ends that.
void Daemon::end_when_idle() {
  if (dispatcher_->settle() && !reloader_.busy()) {
    loop_.stop();
  } else {
    idle_poll_.start(kIdlePoll);
  }
}

/// Waits for no worker: one of them may be the reason.
void Daemon::abandon(int status) {
  listeners_.clear();
  events_->close(kLastEvents);
  std::_Exit(status);
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
  gauges.events_dropped = events_->dropped();
  return gauges;
}

accept::HttpAnswer Daemon::answer(const accept::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return {405, "text/plain; charset=utf-8", "method not allowed\n"};
  }
  if (request.path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.render(gauges())};
  }
  if (request.path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  if (request.path == "/readyz") {
    return draining_ ? accept::HttpAnswer{503, "text/plain; charset=utf-8", "draining\n"}
                     : accept::HttpAnswer{200, "text/plain; charset=utf-8", "ready\n"};
  }
  return {404, "text/plain; charset=utf-8",
          "not found; try /metrics, /healthz or /readyz\n"};
}

}  // namespace spoa::serve
