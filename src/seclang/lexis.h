// What libmodsecurity's lexer takes as one operator, one list of actions, one list of
// variables. Each function reads a prefix of a text and says how long it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spoa::seclang {

/// `msg:'...'`, `t:none`, `deny`.
struct Action {
  std::string name;    ///< lower case
  std::string value;   ///< without quotes around it; empty when there is none
  std::size_t offset;  ///< of the name, in the text of the actions
};

struct Actions {
  std::vector<Action> actions;
  std::size_t length = 0;  ///< without the closing quote
  bool closed = false;     ///< false: a line or the text ended before the closing quote
};

/// Reads what follows the opening quote of a list of actions.
Actions read_actions(std::string_view text);

/// `!ARGS:/re/`, `&TX:x`, `REQUEST_URI`.
struct Variable {
  std::string name;      ///< upper case
  std::string selector;  ///< what follows the colon, for a regular expression its pattern
  bool excluded = false;
  bool counted = false;
  bool regex = false;        ///< the library compiles `selector`
  bool looks_regex = false;  ///< written like one, but the library takes it as a name
  std::size_t offset = 0;    ///< of `selector` when there is one, else of the name
};

/// Reads a list of variables. Stops at a blank, a line break or a double quote.
std::vector<Variable> read_variables(std::string_view text);

/// `!@rx ...`, split as the library does it.
struct Operator {
  std::string name;  ///< lower case, without @; "rx" when none is written
  std::string argument;
  bool negated = false;
  bool implicit = false;        ///< no name written, or one the library does not know
  bool macros = false;          ///< the argument has %{...}: known at run time only
  bool lacks_argument = false;  ///< it needs one, and has none
  std::string unknown;  ///< with its @, what the library takes as a pattern though
  std::string ignored;  ///< what it drops between the name and the blank after it
  std::size_t argument_offset = 0;
};

/// Splits the text of an operator, without quotes around it.
Operator read_operator(std::string_view text);

/// The length of the operator that follows an opening quote; npos: no quote closes it.
std::size_t quoted_operator_length(std::string_view text);

/// The length of an operator without quotes.
std::size_t bare_operator_length(std::string_view text);

}  // namespace spoa::seclang
