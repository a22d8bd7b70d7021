// Rule files as libmodsecurity 3.0.9 reads them: directives with their places, Includes
// resolved.
//
// The reader is as lenient as the library's own: what the library accepts, it accepts.
// What the library would swallow in silence becomes a Problem. What the library refuses
// with a message of its own may pass here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "spoa/settings.h"

namespace spoa::seclang {

/// A byte of a file, counted from 1. Columns are bytes.
struct Place {
  int line = 1;
  int column = 1;
  bool operator==(const Place&) const = default;
};

/// One argument, without the quotes around it. Backslashes and line breaks inside are
/// kept, as the library keeps them.
struct Argument {
  std::string text;
  Place place;  ///< of the first byte of `text`
};

/// The place of byte `offset` of an argument's text.
Place place_in(const Argument& argument, std::size_t offset);

/// SecRule has variables, operator, actions (the last may be absent); SecAction and
/// SecDefaultAction actions; SecRuleUpdateTarget* what, variables;
/// SecRuleUpdateActionById id, actions. Settings whose value is the rest of the line have
/// it as one argument. All others: the words of the line.
struct Directive {
  std::string name;  ///< as written
  std::string file;
  Place place;
  std::vector<Argument> arguments;

  /// Directive names are the same in any case.
  [[nodiscard]] bool is(std::string_view other) const;
};

/// All that was read, in the order in which the library meets it. An Include is replaced
/// by what it brings in.
struct Document {
  std::vector<std::string> files;  ///< that were asked for, without what they Include
  std::vector<Directive> directives;
  std::vector<Problem> problems;  ///< the rules must not be used
  std::vector<Problem> warnings;  ///< they may, but not all may be as meant
};

/// Reads rule files and everything they Include. Any thread. Reads regular files only;
/// runs no command that a path may spell; ends at 64 Includes inside each other, and at
/// 10000 files.
Document read_rules(const std::vector<std::string>& files);

/// The same for a text in memory. `file` is its name, for messages and relative Includes.
Document read_text(std::string_view text, const std::string& file);

}  // namespace spoa::seclang
