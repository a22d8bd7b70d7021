// Rules: what a SecRule, SecAction or SecRuleScript says, with the chain it belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lexis.h"
#include "reader.h"

namespace spoa::seclang {

struct Rule {
  const Directive* directive = nullptr;   ///< lives in the Document
  const Argument* action_text = nullptr;  ///< null: no actions
  std::vector<Variable> variables;        ///< SecRule only
  std::optional<Operator> test;           ///< SecRule only
  std::vector<Action> actions;

  std::int64_t id = 0;  ///< 0: none
  int phase = 1;        ///< 1 to 5; of the chain's first rule. The library's default is 1
  bool chain = false;   ///< a further rule of the chain follows
  bool chained = false;  ///< not the first rule of its chain
};

/// Every rule, in order. The rules point into `document`, which must outlive them.
std::vector<Rule> rules_of(const Document& document);

/// The last action of that name (lower case), or null.
const Action* find_action(const std::vector<Action>& actions, std::string_view name);

/// allow, block, deny, drop, pass, proxy, redirect.
bool is_disruptive(std::string_view action);

/// The phase a list of actions names; 1 when it names none.
int phase_of(const std::vector<Action>& actions);

/// The number an id action or a directive's argument spells, or 0.
std::int64_t to_id(std::string_view text);

/// Calls back with every list of variables and its place: of rules and of
/// SecRuleUpdateTarget*.
template <typename F>
void for_each_variable_list(const Document& document, F&& use) {
  for (const Directive& directive : document.directives) {
    if (directive.is("SecRule") && !directive.arguments.empty()) {
      use(directive, directive.arguments.front());
    } else if (directive.arguments.size() > 1 &&
               (directive.is("SecRuleUpdateTargetById") ||
                directive.is("SecRuleUpdateTargetByMsg") ||
                directive.is("SecRuleUpdateTargetByTag"))) {
      use(directive, directive.arguments[1]);
    }
  }
}

}  // namespace spoa::seclang
