// One application's rules, loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "spoa/result.h"

namespace modsecurity {
class RulesSet;
}

namespace spoa::inspect {

/// What the library said when it refused the rules, in its own words.
struct LoadError {
  std::string file;  ///< the file that was being loaded
  std::string text;
};

/// Immutable once loaded, so all workers share one. Any thread.
class RuleSet {
 public:
  /// Loads the files in order. Any thread; loads take turns (the library's parser is not
  /// thread-safe). `drop_ids`: the rules whose disruptive action is `drop`, which the
  /// library turns into a deny.
  static Result<std::shared_ptr<const RuleSet>, LoadError> load(
      const std::vector<std::string>& files,
      std::unordered_set<std::int64_t> drop_ids = {});

  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  /// For Transaction alone: the library's interface knows no const.
  [[nodiscard]] modsecurity::RulesSet* rules() const noexcept { return rules_.get(); }
  [[nodiscard]] bool drops(std::int64_t rule_id) const {
    return drop_ids_.count(rule_id) > 0;
  }

 private:
  RuleSet();

  std::unique_ptr<modsecurity::RulesSet> rules_;
  std::unordered_set<std::int64_t> drop_ids_;
};

}  // namespace spoa::inspect
