// The parts of check(). Each adds what it finds to `report`.
#pragma once

#include <string>
#include <vector>

#include "check.h"
#include "rule.h"

namespace spoa::seclang {

using Rules = std::vector<Rule>;

void check_ids(const Document& document, const Rules& rules, Report& report);
void check_arguments(const Document& document, const Rules& rules, Report& report);
void check_operators(const Document& document, const Rules& rules, Report& report);
void check_patterns(const Document& document, const Rules& rules, Report& report);
void check_files(const Document& document, const Rules& rules, Report& report);
void check_settings(const Document& document, const Rules& rules, Report& report);

/// A finding at byte `offset` of an argument.
Problem at_argument(const Directive& directive, const Argument& argument,
                    std::size_t offset, std::string text, std::string remedy);
/// A finding about a directive as a whole.
Problem at_directive(const Directive& directive, std::string text, std::string remedy);

/// `rule 942100`, or `a chained rule`, or `a rule`.
std::string name_of(const Rule& rule);

}  // namespace spoa::seclang
