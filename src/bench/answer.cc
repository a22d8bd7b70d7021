#include "answer.h"

#include <optional>

#include <fmt/format.h>

#include "kv_list.h"
#include "spoa/spop.h"
#include "varint.h"

namespace spoa::bench {
namespace {

bool has_word(std::string_view list, std::string_view word) noexcept {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    const std::size_t blanks = std::min(item.find_first_not_of(' '), item.size());
    if (item.substr(blanks) == word) return true;
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return false;
}

template <typename Enum, std::size_t Count>
std::uint8_t number_of(std::string_view word) noexcept {
  for (std::uint8_t i = 0; i < Count; ++i) {
    if (name_of(static_cast<Enum>(i)) == word) return i;
  }
  return Count + 1;
}

/// The variables of an ACK that matter here.
struct Variables {
  std::uint8_t action = kNoAction;
  std::uint8_t reason = kNoReason;
  std::optional<std::uint64_t> code;
  bool any = false;

  void take(std::string_view name, const Value& value) {
    any = true;
    const auto* const text = std::get_if<std::string_view>(&value);
    if (name == "action" && text != nullptr) action = number_of<Action, kActions>(*text);
    if (name == "reason" && text != nullptr) reason = number_of<Reason, kReasons>(*text);
    if (name == "code") code = integer_of(value);
  }
};

/// Takes one action off the front. Nothing: it is malformed.
std::optional<Pair> read_set_var(Bytes& in, std::uint8_t& scope) {
  constexpr std::size_t kHead = 3;  // type, number of arguments, scope
  if (in.size() < kHead) return std::nullopt;
  const auto type = static_cast<ActionType>(in[0]);
  const std::uint8_t arguments = in[1];
  scope = in[2];
  in = in.subspan(kHead);
  if (type == ActionType::kSetVar && arguments == 3) {
    const auto pair = read_pair(in);
    return pair ? std::optional(*pair) : std::nullopt;
  }
  if (type == ActionType::kUnsetVar && arguments == 2) {
    const auto name = read_string(in);
    return name ? std::optional(Pair{*name, Value()}) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<AgentHello, std::string> read_agent_hello(const Frame& frame,
                                                 std::uint32_t announced) {
  if (frame.type == FrameType::kAgentDisconnect) {
    return "the agent refuses: " + read_agent_disconnect(frame);
  }
  if (frame.type != FrameType::kAgentHello) return std::string("no AGENT-HELLO came");
  std::string_view version;
  std::optional<std::uint64_t> size;
  std::string_view capabilities;
  const auto read = read_kv_list(frame, [&](const Pair& pair) noexcept {
    const auto* const text = std::get_if<std::string_view>(&pair.value);
    if (pair.name == "version" && text != nullptr) version = *text;
    if (pair.name == "capabilities" && text != nullptr) capabilities = *text;
    if (pair.name == "max-frame-size") size = integer_of(pair.value);
  });
  if (!read) return fmt::format("a bad AGENT-HELLO: {}", name_of(read.error()));
  if (version != kSpopVersion) return fmt::format("the agent speaks SPOP {}", version);
  if (!size || *size < kSmallestMaxFrameSize || *size > announced) {
    return fmt::format("the agent's max-frame-size is not {} to {}",
                       kSmallestMaxFrameSize, announced);
  }
  return AgentHello{static_cast<std::uint32_t>(*size),
                    has_word(capabilities, kCapabilityPipelining)};
}

bool Answer::inspected() const noexcept {
  return reason == static_cast<std::uint8_t>(Reason::kClean) ||
         reason == static_cast<std::uint8_t>(Reason::kRules) || reason == kNoReason;
}

bool Answer::allows() const noexcept {
  return action == static_cast<std::uint8_t>(Action::kAllow);
}

std::string_view action_name(std::uint8_t action) noexcept {
  if (action == kNoAction) return "none";
  return action > kNoAction ? "other" : name_of(static_cast<Action>(action));
}

std::string_view reason_name(std::uint8_t reason) noexcept {
  if (reason == kNoReason) return "none";
  return reason > kNoReason ? "other" : name_of(static_cast<Reason>(reason));
}

Result<Answer, std::string> read_ack(const Frame& frame) {
  if (!frame.fin()) return std::string("an ACK in fragments");
  Variables variables;
  for (Bytes rest = frame.payload; !rest.empty();) {
    std::uint8_t scope = 0;
    const auto pair = read_set_var(rest, scope);
    if (!pair) return std::string("an ACK with a malformed action");
    if (scope == static_cast<std::uint8_t>(Scope::kTxn)) {
      variables.take(pair->name, pair->value);
    }
  }
  Answer answer{variables.action, variables.reason};
  if (answer.action == kNoAction && (variables.code || !variables.any)) {
    const bool allow = variables.code.value_or(0) == 0;
    answer.action = static_cast<std::uint8_t>(allow ? Action::kAllow : Action::kDeny);
  }
  return answer;
}

std::string read_agent_disconnect(const Frame& frame) {
  std::uint64_t code = 0;
  std::string message;
  const auto read = read_kv_list(frame, [&](const Pair& pair) noexcept {
    if (pair.name == "status-code") code = integer_of(pair.value).value_or(0);
    const auto* const text = std::get_if<std::string_view>(&pair.value);
    if (pair.name == "message" && text != nullptr) message = *text;
  });
  if (!read) return "a bad AGENT-DISCONNECT";
  return fmt::format("code {}: {}", code, message);
}

}  // namespace spoa::bench
