// One request's way through the rules, and its response's.
#pragma once

#include <cstddef>
#include <memory>

#include "body.h"
#include "engine.h"
#include "progress.h"
#include "ruleset.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"

namespace spoa::inspect {

/// Phases 1 and 2 for a request, 3 and 4 for its response, 5 at the end.
///
/// Belongs to the worker whose engine it uses: every member function is called there, and
/// any of them can throw what the library throws. Between request and response others may
/// keep it. It keeps the request and the rule set alive.
class Transaction {
 public:
  /// `worker` is whose engine this is.
  Transaction(Engine& engine, std::size_t worker, std::shared_ptr<const Profile> profile,
              std::shared_ptr<const Request> request);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Any thread.
  [[nodiscard]] std::size_t worker() const noexcept { return worker_; }
  [[nodiscard]] const std::shared_ptr<const Request>& request() const noexcept {
    return request_;
  }
  [[nodiscard]] const std::shared_ptr<const Profile>& profile() const noexcept {
    return profile_;
  }
  /// Bytes that it takes, as estimated (docs/decisions/0006). After inspect_request().
  [[nodiscard]] std::size_t weight() const noexcept { return weight_; }

  /// Phases 1 and 2, up to the first intervention. `progress` is looked at between
  /// phases: when somebody has answered in the meantime, the rest is not worth doing.
  Findings inspect_request(Progress& progress);

  /// Phases 1 and 2 of a request nobody knows, so that the rules have set up what their
  /// later phases rely on. What they find there counts for nothing.
  void stand_in_for_request();

  /// Phases 3 and 4, up to the first intervention. Finds what the response's own rules
  /// found. Once, after one of the two above.
  Findings inspect_response(const Request& response, Progress& progress);

  /// Phase 5: for the rules' own logging. Once, at the end. Returns what matched in it.
  std::vector<RuleMatch> log();

 private:
  struct State;

  void run_request(Findings& findings, Progress& progress);
  void run_response(const Request& response, Findings& findings, Progress& progress);
  void run_response_body(const Request& response, Findings& findings);
  void begin();
  void store_context(const Request& message);
  void run_headers();
  void run_body(Body& body, Findings& findings);
  Body prepare();
  bool asks_too_much(const Body& body, Findings& findings);
  void note_truncated();
  void enter_phase(int phase, Findings& findings, Progress& progress);
  bool give_up(Findings& findings, const Progress& progress);
  bool intervened(Findings& findings);
  std::vector<RuleMatch> new_matches();

  const std::size_t worker_;
  const std::shared_ptr<const Profile> profile_;
  const std::shared_ptr<const Request> request_;
  std::size_t reported_ = 0;     // of the library's messages
  std::size_t phase_begin_ = 0;  // messages before the phase that runs
  std::size_t weight_ = 0;
  std::unique_ptr<State> state_;
};

}  // namespace spoa::inspect
