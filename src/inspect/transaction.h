// One request's way through the rules.
#pragma once

#include <memory>

#include "engine.h"
#include "progress.h"
#include "ruleset.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/settings.h"

namespace spoa::inspect {

/// Runs phases 1 and 2, then 5. Belongs to the worker whose engine it uses.
///
/// The request and the rule set must outlive it. Any call can throw what the library
/// throws.
class Transaction {
 public:
  Transaction(Engine& engine, const RuleSet& rules, const Request& request,
              const BodyLimits& limits = {});
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Phases 1 and 2, up to the first intervention. `given_up` is looked at between
  /// phases: when somebody has answered in the meantime, the rest is not worth doing.
  Findings inspect(Progress& progress);

  /// Phase 5: for the rules' own logging. Nobody waits for it. Once, after inspect().
  void log();

 private:
  struct State;

  void run_phases(Findings& findings, Progress& progress);
  void begin();
  void run_headers();
  void run_body(Findings& findings);
  void note_truncated();
  bool intervened(Findings& findings);
  void collect(Findings& findings);

  const RuleSet& rules_;
  const Request& request_;
  const BodyLimits limits_;
  std::unique_ptr<State> state_;
};

}  // namespace spoa::inspect
