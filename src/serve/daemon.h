// The running daemon: its parts, and its life from start to drain.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accept/http_server.h"
#include "accept/listener.h"
#include "accept/loop.h"
#include "dispatcher.h"
#include "generation.h"
#include "metrics.h"
#include "reloader.h"
#include "report/event_writer.h"
#include "sessions.h"
#include "settings/invocation.h"
#include "spoa/settings.h"

namespace spoa::serve {

/// Made and run on one thread, which becomes the loop thread.
class Daemon {
 public:
  /// `invocation` must outlive the daemon.
  explicit Daemon(const settings::Invocation& invocation);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Opens sockets and the event file, loads nothing: that is done. False: something
  /// could not be opened, and the log says what; run() must not be called.
  bool start(std::shared_ptr<const Generation> generation);

  /// Serves until SIGTERM or SIGINT and the drain that follows; a second one ends it at
  /// once.
  void run();

 private:
  struct TlsListener {
    accept::Listener* listener;
    TlsFiles files;
  };

  bool open_events();
  bool open_listener(const Listen& listen);
  bool open_admin();
  void on_signal(int signal, std::function<void()> callback);
  void watch_signals();

  void pause_accepting(bool full);

  void reload();
  void reload_certificates();
  void reloaded(Reloaded&& outcome);
  void use(std::shared_ptr<const Generation> generation);
  void reopen_files();
  void stop();
  void drained();
  void end_when_idle();
  [[noreturn]] void abandon(int status);

  [[nodiscard]] Gauges gauges() const;
  [[nodiscard]] accept::HttpAnswer answer(const accept::HttpRequest& request) const;

  const Settings& settings_;
  // Destroyed from the bottom up: workers end before what they post to.
  accept::Loop loop_;
  Metrics metrics_;
  std::unique_ptr<report::EventWriter> events_;
  Sessions sessions_;
  std::unique_ptr<Dispatcher> dispatcher_;
  Reloader reloader_;
  std::vector<std::unique_ptr<accept::Listener>> listeners_;
  std::vector<TlsListener> tls_listeners_;
  std::unique_ptr<accept::HttpServer> admin_;
  std::vector<std::unique_ptr<accept::SignalHandler>> signals_;
  bool draining_ = false;
  accept::Timer drain_grace_;  // then whatever still comes is answered `shutdown`
  accept::Timer drain_limit_;
  accept::Timer idle_poll_;
};

}  // namespace spoa::serve
