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
#include "admin_pages.h"
#include "dispatcher.h"
#include "graveyard.h"
#include "loaded.h"
#include "metrics.h"
#include "notifier.h"
#include "reload_answers.h"
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
  bool start(Loaded loaded);

  /// Serves until SIGTERM or SIGINT and the drain that follows; a second one ends it at
  /// once.
  void run();

 private:
  struct TlsListener {
    accept::Listener* listener;
    std::size_t item;  ///< of in_force_.listen
  };

  bool open_events();
  bool open_listener(std::size_t item, std::shared_ptr<const accept::TlsContext> tls);
  bool open_admin();
  void on_signal(int signal, std::function<void()> callback);
  void watch_signals();

  void pause_accepting(bool full);

  Reloader::Run reload();
  void post_reload(accept::HttpReply reply);
  void reload_hangs();
  void reloaded(Reloader::Run run, LoadResult&& result);
  void take_in(Reloader::Run run, Loaded&& loaded);
  void refuse(Reloader::Run run, const std::vector<Problem>& problems);
  void use(std::unique_ptr<const Generation> generation);
  void use_certificates(const Loaded& loaded);
  void reopen_files();
  void stop();
  void drained();
  void end_when_idle();
  [[noreturn]] void abandon(int status);

  [[nodiscard]] std::string status() const;
  [[nodiscard]] bool healthy() const;
  [[nodiscard]] Gauges gauges() const;

  const Settings& settings_;  // of the start
  Settings in_force_;         // the same, and what reloads have taken in
  // Destroyed from the bottom up: workers end before what they post to.
  accept::Loop loop_;
  Metrics metrics_;
  std::unique_ptr<report::EventWriter> events_;
  Sessions sessions_;
  Graveyard graveyard_;
  std::unique_ptr<Dispatcher> dispatcher_;
  Reloader reloader_;
  std::vector<std::unique_ptr<accept::Listener>> listeners_;
  std::vector<TlsListener> tls_listeners_;
  AdminPages pages_;
  std::unique_ptr<accept::HttpServer> admin_;
  ReloadAnswers reload_answers_;
  Notifier notifier_;
  std::vector<std::unique_ptr<accept::SignalHandler>> signals_;
  bool draining_ = false;
  accept::Timer drain_grace_;  // then whatever still comes is answered `shutdown`
  accept::Timer drain_limit_;
  accept::Timer idle_poll_;
};

}  // namespace spoa::serve
