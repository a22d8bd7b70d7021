// Hides what must not reach a log: passwords, tokens, cookies, authorization headers,
// card numbers. In doubt it hides too much. Every function takes linear time, whatever
// the sender of a request wrote, and none throws but for want of memory. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "spoa/findings.h"

namespace spoa::report {

inline constexpr std::string_view kMask = "***";

/// A parameter, JSON key, XML element or header whose value is nobody's business:
/// `password`, `user[pwd]`, `X-Api-Key`, `Cookie`. Takes the name decoded, in any case.
bool is_secret_name(std::string_view name);

/// The same for a variable of the rules: `ARGS:password`, `REQUEST_COOKIES:sid`,
/// `REQUEST_HEADERS:Authorization`. A variable that holds names only
/// (`ARGS_NAMES:password`) is not secret.
bool is_secret_variable(std::string_view variable);

/// Masks a URI, or any other text, by name and by shape: what follows a secret name and
/// `=`,
/// `:` or `>`, in forms, JSON, XML, multipart bodies and header lines, percent-encoded or
/// not; Luhn-valid numbers of 13 to 19 digits; bearer and basic tokens, JSON web tokens;
/// `user:password@` in URLs.
std::string mask_text(std::string_view text);

/// mask_text of at most `limit` bytes of `text`, with a mark when there was more.
std::string mask_and_cut(std::string_view text, std::size_t limit);

/// What a rule says about its match, fit to be written down.
struct MaskedMatch {
  std::string variable;
  std::string message;
  std::string data;
};

/// When the rule matched in a secret variable, by its own account or by its data's
/// (`found within ARGS:password`), nothing of the value is left; otherwise as mask_text.
/// The variable's name stays. Each text is cut: to 256, 1024 and 1024 bytes.
MaskedMatch mask_match(const RuleMatch& match);

}  // namespace spoa::report
