#include "library_lines.h"

#include <algorithm>
#include <utility>

#include "lexis.h"

namespace spoa::seclang {

namespace {

int breaks_in(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

int last_line(const Argument& argument) {
  return place_in(argument, argument.text.size()).line;
}

// Between actions the library counts line breaks, inside of their values it does not.
int breaks_in_values(const Argument& actions) {
  int breaks = 0;
  for (const Action& action : read_actions(actions.text).actions) {
    breaks += breaks_in(action.value);
  }
  return breaks;
}

// The line breaks of a directive that the library does not count.
int uncounted(const Directive& directive) {
  const auto& arguments = directive.arguments;
  if (arguments.empty()) return 0;
  if (directive.is("SecRule") && arguments.size() > 1) {
    const int to_operator_end = last_line(arguments[1]) - directive.place.line;
    if (arguments.size() < 3) return to_operator_end + 1;  // nor the one that ends it
    const int gap = arguments[2].place.line - last_line(arguments[1]);
    return to_operator_end + std::max(gap - 1, 0) + breaks_in_values(arguments[2]);
  }
  if (directive.is("SecAction") || directive.is("SecDefaultAction") ||
      directive.is("SecRuleScript")) {
    return arguments.back().place.line - directive.place.line +
           breaks_in_values(arguments.back());
  }
  return 0;
}

}  // namespace

std::optional<Reported> find_reported(const Document& document, const std::string& file,
                                      Place place) {
  std::optional<Reported> found;
  int lost = 0;
  int line = 0;
  for (std::size_t i = 0; i < document.directives.size(); ++i) {
    const Directive& directive = document.directives[i];
    if (directive.file != file) continue;
    if (directive.place.line < line) break;  // included again
    line = directive.place.line;
    const int counted = line - lost;
    const int column = directive.place.column;
    if (std::pair(counted, column) > std::pair(place.line, place.column)) break;
    const int name_end = column + static_cast<int>(directive.name.size());
    found = Reported{i, counted == place.line && place.column < name_end};
    lost += uncounted(directive);
  }
  return found;
}

}  // namespace spoa::seclang
