#include "ruleset.h"

#include <exception>
#include <mutex>

#include <modsecurity/rules_set.h>

namespace spoa::inspect {
namespace {

std::mutex& load_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

RuleSet::RuleSet() : rules_(std::make_unique<modsecurity::RulesSet>()) {}
RuleSet::~RuleSet() = default;

Result<std::shared_ptr<const RuleSet>, LoadError> RuleSet::load(
    const std::vector<std::string>& files, RuleFacts facts) {
  const std::lock_guard lock(load_mutex());
  const std::shared_ptr<RuleSet> set(new RuleSet);
  set->facts_ = std::move(facts);
  for (const std::string& file : files) {
    try {
      const int loaded = set->rules_->loadFromUri(file.c_str());
      std::string said = set->rules_->getParserError();
      // An audit log that cannot be opened is said, yet not counted as a failure.
      if (loaded < 0 || !said.empty()) return LoadError{file, std::move(said)};
    } catch (const std::exception& e) {
      return LoadError{file, std::string("the library failed: ") + e.what()};
    }
  }
  return std::shared_ptr<const RuleSet>(set);
}

}  // namespace spoa::inspect
