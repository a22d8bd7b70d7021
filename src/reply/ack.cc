#include "ack.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace spoa::reply {
namespace {

/// In the order they are written.
enum class Variable : std::uint8_t {
  kAction,
  kCode,
  kStatus,
  kData,
  kReason,
  kId,
  kAnomalyScore,
  kRulesHit,
  kRuleIds,
  kBodyTruncated,
  kRuleset,
  kInspectUs,
  kJa3,
  kJa4,
  kRuleId,
};

constexpr std::array<std::string_view, 15> kNames{
    "action",  "code",          "status",    "data",     "reason",
    "id",      "anomaly_score", "rules_hit", "rule_ids", "body_truncated",
    "ruleset", "inspect_us",    "ja3",       "ja4",      "ruleid"};

/// In the order they are given up.
constexpr std::array kExpendable{Variable::kRuleIds,  Variable::kData,
                                 Variable::kRuleId,   Variable::kJa4,
                                 Variable::kJa3,      Variable::kInspectUs,
                                 Variable::kRuleset,  Variable::kBodyTruncated,
                                 Variable::kRulesHit, Variable::kAnomalyScore,
                                 Variable::kId,       Variable::kStatus};

constexpr std::size_t index_of(Variable variable) noexcept {
  return static_cast<std::size_t>(variable);
}

template <typename Integer>
std::int64_t natural(Integer number) noexcept {
  if (std::cmp_less(number, 0)) return 0;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return std::cmp_greater(number, kMax) ? kMax : static_cast<std::int64_t>(number);
}

std::string as_url(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string url;
  url.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      url += c;
    } else {
      url.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
    }
  }
  return url;
}

/// Writes actions one by one, and can take single ones back.
class ActionList {
 public:
  ActionList(std::string_view prefix, Buffer& out)
      : prefix_(prefix), out_(out), begin_(out.size()) {}

  void set_var(Variable variable, const Value& value) {
    const std::size_t begin = out_.size();
    out_.push_back(static_cast<std::uint8_t>(ActionType::kSetVar));
    out_.push_back(3);  // arguments: scope, name, value
    out_.push_back(static_cast<std::uint8_t>(Scope::kTxn));
    write_string(std::string(prefix_).append(kNames[index_of(variable)]), out_);
    write_value(value, out_);
    bytes_[index_of(variable)] = out_.size() - begin;
  }
  void set_var(Variable variable, std::string_view text) {
    set_var(variable, Value(text));
  }

  void take_back(Variable variable) {
    std::size_t begin = begin_;
    for (std::size_t i = 0; i < index_of(variable); ++i) begin += bytes_[i];
    const auto first = out_.begin() + static_cast<std::ptrdiff_t>(begin);
    auto& bytes = bytes_[index_of(variable)];
    out_.erase(first, first + static_cast<std::ptrdiff_t>(bytes));
    bytes = 0;
  }

 private:
  std::string_view prefix_;
  Buffer& out_;
  std::size_t begin_;
  std::array<std::size_t, kNames.size()> bytes_{};
};

void set_all(const Answer& answer, ActionList& list) {
  const Verdict& verdict = answer.verdict;
  list.set_var(Variable::kAction, name_of(verdict.action));
  list.set_var(Variable::kCode, natural(verdict.code));
  if (verdict.action != Action::kAllow) {
    list.set_var(Variable::kStatus, natural(verdict.code));
  }
  if (verdict.action == Action::kRedirect) {
    list.set_var(Variable::kData, std::string_view(as_url(verdict.redirect_url)));
  }
  list.set_var(Variable::kReason, name_of(verdict.reason));
  list.set_var(Variable::kId, std::string_view(printable(answer.id)));
  list.set_var(Variable::kAnomalyScore, natural(answer.anomaly_score));
  list.set_var(Variable::kRulesHit, natural(answer.rules_hit));
  list.set_var(Variable::kRuleIds, std::string_view(printable(answer.rule_ids)));
  list.set_var(Variable::kBodyTruncated, Value(answer.body_truncated));
  list.set_var(Variable::kRuleset, natural(answer.ruleset));
  list.set_var(Variable::kInspectUs, natural(answer.inspect_us));
  if (!answer.ja3.empty()) list.set_var(Variable::kJa3, std::string_view(answer.ja3));
  if (!answer.ja4.empty()) {
    list.set_var(Variable::kJa4, std::string_view(printable(answer.ja4)));
  }
  if (answer.dialect == Dialect::kCoraza && answer.rule_id > 0) {
    list.set_var(Variable::kRuleId, natural(answer.rule_id));
  }
}

}  // namespace

void write_ack(const Answer& answer, std::uint32_t max_frame_size, Buffer& out) {
  const std::uint32_t limit = std::min(kLargestAckBytes, max_frame_size - 1);
  const std::size_t begin = begin_frame(FrameType::kAck, answer.frame, out);
  // The request's verdict stays readable; coraza-spoa's users expect it overwritten.
  const bool prefixed = answer.response && answer.dialect != Dialect::kCoraza;
  ActionList list(prefixed ? "res_" : "", out);
  set_all(answer, list);
  for (const Variable variable : kExpendable) {
    if (frame_length(begin, out) <= limit) break;
    list.take_back(variable);
  }
  end_frame(begin, out);
}

}  // namespace spoa::reply
