#include "mask.h"

#include <algorithm>

#include "cut.h"
#include "mask_units.h"

namespace spoa::report {
namespace {

constexpr std::size_t kVariableLimit = 256;
constexpr std::size_t kTextLimit = 1024;
constexpr std::string_view kFoundWithin = " found within ";

/// Shorter secrets are not looked for in messages: they would be found in any word.
constexpr std::size_t kShortestNeedle = 4;
constexpr std::size_t kLongestNeedle = 16;

/// The name behind a `found within`, up to `: ` or the end.
std::string_view name_at(std::string_view data, std::size_t at) noexcept {
  const std::string_view near = data.substr(at, kVariableLimit);
  return near.substr(0, near.find(": "));
}

/// The secret variable the match is about, or "". The data may name another variable than
/// the match does: a chain's last rule, or a macro's.
std::string_view secret_variable(const RuleMatch& match) {
  const std::string_view own = std::string_view(match.variable).substr(0, kTextLimit);
  if (is_secret_variable(own)) return own;
  const std::string_view data = match.data;
  for (std::size_t at = data.find(kFoundWithin); at != std::string_view::npos;
       at = data.find(kFoundWithin, at)) {
    at += kFoundWithin.size();
    const std::string_view name = name_at(data, at);
    if (is_secret_variable(name)) return name;
  }
  return {};
}

/// Data about a secret variable: what the usual forms say besides the value, and no more.
std::string hidden_data(std::string_view data, std::string_view variable) {
  if (data.empty()) return {};
  const std::string name = mask_and_cut(variable, kVariableLimit);
  const std::string mask(kMask);
  if (data.find(kFoundWithin) != std::string_view::npos) {
    return "Matched Data: " + mask + std::string(kFoundWithin) + name + ": " + mask;
  }
  const bool assigned =
      data.starts_with(variable) && data.substr(variable.size()).starts_with('=');
  return assigned ? name + "=" + mask : mask;
}

/// The value in the data, as far as the usual forms tell: a message may quote it. Its
/// beginning is enough, and keeps the search short.
std::string_view value_in(std::string_view data, std::string_view variable) noexcept {
  constexpr std::string_view kMatched = "Matched Data: ";
  for (std::size_t at = data.find(variable); at != std::string_view::npos;
       at = data.find(variable, at)) {
    at += variable.size();
    const std::string_view rest = data.substr(at);
    if (rest.starts_with(": ")) return rest.substr(2);
    if (rest.starts_with("=")) return rest.substr(1);
  }
  return data.starts_with(kMatched) ? data.substr(kMatched.size()) : data;
}

/// `text` without `secret`, nor any beginning of it that is long enough to be known by.
std::string without(std::string_view text, std::string_view secret) {
  const std::string_view needle = secret.substr(0, kLongestNeedle);
  if (needle.size() < kShortestNeedle) return std::string(text);
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(needle); at != std::string_view::npos;
       at = text.find(needle, from)) {
    out.append(text.substr(from, at - from)).append(kMask);
    const std::string_view tail = text.substr(at);
    const auto differs =
        std::mismatch(tail.begin(), tail.end(), secret.begin(), secret.end()).first;
    from = at + static_cast<std::size_t>(differs - tail.begin());
  }
  return out.append(text.substr(from));
}

}  // namespace

std::string mask_text(std::string_view text) {
  Units units = decode(text);
  hide_pairs(units);
  hide_credentials(units);
  hide_cards(units);
  return render(text, units);
}

std::string mask_and_cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return mask_text(text);
  return mask_text(beginning(text, limit)) + cut_mark(text.size());
}

MaskedMatch mask_match(const RuleMatch& match) {
  MaskedMatch masked;
  masked.variable = mask_and_cut(match.variable, kVariableLimit);
  const std::string_view secret = secret_variable(match);
  if (secret.empty()) {
    masked.message = mask_and_cut(match.message, kTextLimit);
    masked.data = mask_and_cut(match.data, kTextLimit);
    return masked;
  }
  const std::string_view data = std::string_view(match.data).substr(0, 4 * kTextLimit);
  const std::string_view value = value_in(data, secret.substr(0, kVariableLimit));
  masked.message = mask_text(without(cut(match.message, kTextLimit), value));
  masked.data = hidden_data(match.data, secret);
  return masked;
}

}  // namespace spoa::report
