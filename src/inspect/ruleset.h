// One application's rules, loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "spoa/result.h"
#include "spoa/settings.h"

namespace modsecurity {
class RulesSet;
}

namespace spoa::inspect {

/// What the library said when it refused the rules, in its own words.
struct LoadError {
  std::string file;  ///< the file that was being loaded
  std::string text;
};

/// What rules say about themselves, and the library forgets.
struct RuleFacts {
  /// Whose disruptive action is `drop`: the library turns it into a deny.
  std::unordered_set<std::int64_t> drops;
  /// The tags of each rule: those with multiMatch lose theirs.
  std::unordered_map<std::int64_t, std::vector<std::string>> tags;
};

/// Immutable once loaded, so all workers share one. Any thread.
class RuleSet {
 public:
  /// Loads the files in order. Any thread; loads take turns (the library's parser is not
  /// thread-safe).
  static Result<std::shared_ptr<const RuleSet>, LoadError> load(
      const std::vector<std::string>& files, RuleFacts facts = {});

  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  /// For Transaction alone: the library's interface knows no const.
  [[nodiscard]] modsecurity::RulesSet* rules() const noexcept { return rules_.get(); }
  [[nodiscard]] const RuleFacts& facts() const noexcept { return facts_; }

 private:
  RuleSet();

  std::unique_ptr<modsecurity::RulesSet> rules_;
  RuleFacts facts_;
};

/// What a worker knows of an application. Immutable, so shared. Any thread.
struct Profile {
  std::string application;  ///< its name
  std::shared_ptr<const RuleSet> rules;
  BodyLimits bodies;
  ResponseSettings responses;
  RequestLimits limits;
};

}  // namespace spoa::inspect
