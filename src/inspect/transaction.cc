#include "transaction.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include "body.h"
#include "capture.h"
#include "request_body.h"
#include "request_target.h"

namespace spoa::inspect {
namespace {

using Clock = std::chrono::steady_clock;

/// A ModSecurityIntervention that frees what the library allocated for it.
class Asked {
 public:
  Asked() { modsecurity::intervention::clean(&it_); }  // 3.0.9 does not clear it itself
  ~Asked() { modsecurity::intervention::free(&it_); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  modsecurity::ModSecurityIntervention* operator->() noexcept { return &it_; }
  modsecurity::ModSecurityIntervention* get() noexcept { return &it_; }

 private:
  modsecurity::ModSecurityIntervention it_{};
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Newer libraries keep the id in the rule alone. Templates, so that only the spelling the
// installed headers know is compiled.
template <typename Message>
std::int64_t id_of(const Message& message) {
  if constexpr (requires { message.m_ruleId; }) {
    return message.m_ruleId;
  } else {
    return message.m_rule.m_ruleId;
  }
}

RuleMatch to_match(const modsecurity::RuleMessage& message, const RuleFacts& facts,
                   std::string variable) {
  RuleMatch match;
  match.id = id_of(message);
  match.message = message.m_message;
  match.data = message.m_data;
  match.severity = message.m_severity;
  match.phase = message.m_phase;
  match.tags.assign(message.m_tags.begin(), message.m_tags.end());
  if (match.tags.empty()) {
    const auto known = facts.tags.find(match.id);
    if (known != facts.tags.end()) match.tags = known->second;
  }
  if (message.m_ruleFile) match.file = *message.m_ruleFile;
  match.line = message.m_ruleLine;
  match.variable = std::move(variable);
  return match;
}

std::int64_t number_in_tx(modsecurity::Transaction& transaction, const char* name) {
  const auto text = transaction.m_collections.m_tx_collection->resolveFirst(name);
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

struct Transaction::State {
  State(Engine& engine, const RuleSet& rules, const Request& request)
      : id(request.id), transaction(engine.get(), rules.rules(), id.data(), &capture) {
    capture.watch(transaction);
  }
  std::string id;  // the library takes a char*
  Capture capture;
  modsecurity::Transaction transaction;
};

Transaction::Transaction(Engine& engine, const RuleSet& rules, const Request& request,
                         const BodyLimits& limits)
    : rules_(rules),
      request_(request),
      limits_(limits),
      state_(std::make_unique<State>(engine, rules, request)) {}

Transaction::~Transaction() = default;

Findings Transaction::inspect(Progress& progress) {
  Findings findings;
  const auto begin_time = Clock::now();
  run_phases(findings, progress);
  collect(findings);
  findings.inspect_time =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin_time);
  return findings;
}

void Transaction::run_phases(Findings& findings, Progress& progress) {
  findings.body_truncated = request_.body_truncated;
  begin();
  progress.enter_phase(findings.phase = 1);
  run_headers();
  if (intervened(findings)) return;
  if (progress.given_up()) {
    findings.failure = Failure::kTimeout;
    return;
  }
  progress.enter_phase(findings.phase = 2);
  run_body(findings);
  intervened(findings);
}

void Transaction::begin() {
  modsecurity::Transaction& transaction = state_->transaction;
  if (request_.body_truncated) note_truncated();
  transaction.processConnection(request_.client.ip.c_str(), request_.client.port,
                                request_.server.ip.c_str(), request_.server.port);
  process_target(transaction, request_.uri, std::string(request_.method),
                 std::string(request_.version));
}

void Transaction::run_headers() {
  modsecurity::Transaction& transaction = state_->transaction;
  for (const Header& header : request_.headers) {
    transaction.addRequestHeader(bytes_of(header.name), header.name.size(),
                                 bytes_of(header.value), header.value.size());
  }
  transaction.processRequestHeaders();
}

void Transaction::run_body(Findings& findings) {
  modsecurity::Transaction& transaction = state_->transaction;
  Body body = prepare_body(request_.body,
                           joined_values(request_.headers, "content-encoding"), limits_);
  hand_over(body, request_.body_truncated, *rules_.rules(), transaction);
  if (!body.whole()) {
    findings.body_truncated = true;
    findings.body_coding = body.coding;
    findings.body_fault = body.fault;
    note_truncated();
  }
  // Without a body too: most rules run in this phase.
  transaction.processRequestBody();
}

void Transaction::note_truncated() {
  state_->transaction.m_collections.m_tx_collection->storeOrUpdateFirst("body_truncated",
                                                                        "1");
}

bool Transaction::intervened(Findings& findings) {
  Asked asked;
  if (!state_->transaction.intervention(asked.get())) return false;
  Intervention intervention;
  intervention.status = asked->status;
  if (asked->url != nullptr) intervention.redirect_url = asked->url;
  intervention.phase = findings.phase;
  const auto& messages = state_->transaction.m_rulesMessages;
  intervention.drop = !messages.empty() && messages.back().m_isDisruptive &&
                      rules_.facts().drops.count(id_of(messages.back())) > 0;
  findings.intervention = std::move(intervention);
  return true;
}

void Transaction::collect(Findings& findings) {
  modsecurity::Transaction& transaction = state_->transaction;
  std::size_t index = 0;
  for (const modsecurity::RuleMessage& message : transaction.m_rulesMessages) {
    findings.matches.push_back(
        to_match(message, rules_.facts(), state_->capture.variable(index++)));
  }
  // CRS 3 and the baseline, then CRS 4.
  findings.anomaly_score =
      std::max(number_in_tx(transaction, "anomaly_score"),
               number_in_tx(transaction, "blocking_inbound_anomaly_score"));
}

void Transaction::log() { state_->transaction.processLogging(); }

void Capture::on_log(void* capture, const void* /*rule_message*/) {
  auto& self = *static_cast<Capture*>(capture);
  if (self.transaction_ == nullptr) return;
  self.variables_.resize(self.transaction_->m_rulesMessages.size());
  if (self.variables_.empty()) return;
  self.variables_.back() = self.transaction_->m_variableMatchedVarName.m_value;
}

std::string Capture::variable(std::size_t index) const {
  if (index < variables_.size() && !variables_[index].empty()) return variables_[index];
  if (index + 1 != transaction_->m_rulesMessages.size()) return {};
  return transaction_->m_variableMatchedVarName.m_value;
}

}  // namespace spoa::inspect
