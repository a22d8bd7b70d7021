#include "transaction.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <numeric>

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include "ascii.h"
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

/// `text/html` of `Text/HTML; charset=utf-8`.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(), to_lower);
  return type;
}

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

// Measured with CRS 3.3.4: what a transaction takes without a body, how often the library
// keeps a body's bytes, and what each argument takes beside them.
constexpr std::size_t kBytesEach = 64UL * 1024;
constexpr std::size_t kTimesSent = 12;
constexpr std::size_t kBytesPerArgument = 768;

// CRS 3 and the baseline, then CRS 4.
constexpr std::array kInboundScores{"anomaly_score", "blocking_inbound_anomaly_score"};
constexpr std::array kOutboundScores{"outbound_anomaly_score",
                                     "blocking_outbound_anomaly_score"};

std::int64_t score(modsecurity::Transaction& transaction,
                   const std::array<const char*, 2>& names) {
  return std::max(number_in_tx(transaction, names[0]),
                  number_in_tx(transaction, names[1]));
}

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::microseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin_);
  }

 private:
  const Clock::time_point begin_ = Clock::now();
};

/// Not of a type that the application does not name. Without one, clients guess.
bool wants_body(const Request& response, const ResponseSettings& settings) {
  const std::string type = media_type(header_value(response, "content-type"));
  return type.empty() || std::find(settings.types.begin(), settings.types.end(), type) !=
                             settings.types.end();
}

/// Beyond the rules' own SecResponseBodyLimit the library would cut without a word, or
/// answer 403.
std::size_t response_limit(const Profile& profile) {
  const double own = profile.rules->rules()->m_responseBodyLimit.m_value;
  const std::size_t limit = profile.responses.body_limit_bytes;
  return own > 0 && own < static_cast<double>(limit) ? static_cast<std::size_t>(own)
                                                     : limit;
}

void note_fault(const Body& body, Findings& findings) {
  if (body.whole()) return;
  findings.body_truncated = true;
  findings.body_coding = body.coding;
  findings.body_fault = body.fault;
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

Transaction::Transaction(Engine& engine, std::size_t worker,
                         std::shared_ptr<const Profile> profile,
                         std::shared_ptr<const Request> request)
    : worker_(worker),
      profile_(std::move(profile)),
      request_(std::move(request)),
      state_(std::make_unique<State>(engine, *profile_->rules, *request_)) {}

Transaction::~Transaction() = default;

Findings Transaction::inspect_request(Progress& progress) {
  Findings findings;
  const Stopwatch watch;
  run_request(findings, progress);
  findings.matches = new_matches();
  findings.anomaly_score = score(state_->transaction, kInboundScores);
  weight_ += kBytesEach + kTimesSent * request_->payload.size() +
             kBytesPerArgument * state_->transaction.m_variableArgs.size();
  findings.inspect_time = watch.elapsed();
  return findings;
}

void Transaction::run_request(Findings& findings, Progress& progress) {
  findings.body_truncated = request_->body_truncated;
  begin();
  enter_phase(1, findings, progress);
  run_headers();
  if (intervened(findings) || give_up(findings, progress)) return;
  Body body = prepare();
  if (asks_too_much(body, findings)) return;
  enter_phase(2, findings, progress);
  run_body(body, findings);
  intervened(findings);
}

void Transaction::stand_in_for_request() {
  modsecurity::Transaction& transaction = state_->transaction;
  const Request& sent = *request_;
  transaction.processConnection(sent.client.ip.c_str(), sent.client.port,
                                sent.server.ip.c_str(), sent.server.port);
  const std::string method = sent.method.empty() ? "GET" : std::string(sent.method);
  transaction.processURI(sent.uri.empty() ? "/" : sent.uri.c_str(), method.c_str(),
                         "1.1");
  // What every browser sends: its absence would be held against a request that may well
  // have had it.
  transaction.addRequestHeader(std::string("Host"), std::string("localhost"));
  transaction.addRequestHeader(std::string("User-Agent"), std::string("unknown"));
  transaction.addRequestHeader(std::string("Accept"), std::string("*/*"));
  transaction.processRequestHeaders();
  Findings ignored;
  intervened(ignored);
  transaction.processRequestBody();
  intervened(ignored);
  reported_ = transaction.m_rulesMessages.size();
}

Findings Transaction::inspect_response(const Request& response, Progress& progress) {
  Findings findings;
  const Stopwatch watch;
  run_response(response, findings, progress);
  findings.matches = new_matches();
  findings.anomaly_score = score(state_->transaction, kOutboundScores);
  findings.inspect_time = watch.elapsed();
  return findings;
}

void Transaction::run_response(const Request& response, Findings& findings,
                               Progress& progress) {
  modsecurity::Transaction& transaction = state_->transaction;
  store_context(response);
  enter_phase(3, findings, progress);
  for (const Header& header : response.headers) {
    transaction.addResponseHeader(bytes_of(header.name), header.name.size(),
                                  bytes_of(header.value), header.value.size());
  }
  // Rules that have SecResponseBodyMimeType compare it letter by letter.
  transaction.m_variableResponseContentType.set(
      media_type(header_value(response, "content-type")), 0);
  transaction.processResponseHeaders(response.response_status.value_or(0),
                                     "HTTP/" + std::string(response.version));
  if (intervened(findings) || give_up(findings, progress)) return;
  enter_phase(4, findings, progress);
  run_response_body(response, findings);
  // Without a body too: rules that sum up the response's score run in this phase.
  transaction.processResponseBody();
  intervened(findings);
}

void Transaction::run_response_body(const Request& response, Findings& findings) {
  if (!wants_body(response, profile_->responses)) return;
  findings.body_truncated = response.body_truncated;
  const Body body =
      prepare_body(response.body, joined_values(response.headers, "content-encoding"),
                   {response_limit(*profile_), profile_->bodies.ratio});
  note_fault(body, findings);
  // In a coding that is not known here the rules would find nothing: said as truncated.
  if (body.undecoded || body.bytes.empty()) return;
  state_->transaction.appendResponseBody(body.bytes.data(), body.bytes.size());
}

std::vector<RuleMatch> Transaction::log() {
  state_->transaction.processLogging();
  return new_matches();
}

void Transaction::begin() {
  modsecurity::Transaction& transaction = state_->transaction;
  store_context(*request_);
  if (request_->body_truncated) note_truncated();
  transaction.processConnection(request_->client.ip.c_str(), request_->client.port,
                                request_->server.ip.c_str(), request_->server.port);
  process_target(transaction, request_->uri, std::string(request_->method),
                 std::string(request_->version));
}

/// What HAProxy says first, then what the agent found out: that is not to be said
/// otherwise.
void Transaction::store_context(const Request& message) {
  auto& tx = *state_->transaction.m_collections.m_tx_collection;
  const Context& context = message.context;
  for (const ContextValue& value : context.values) {
    tx.storeOrUpdateFirst(std::string(value.name), value.text);
  }
  const auto dropped =
      std::accumulate(context.dropped.begin(), context.dropped.end(), 0U);
  if (dropped > 0) tx.storeOrUpdateFirst("context_dropped", std::to_string(dropped));
  if (!context.ja3.text.empty()) tx.storeOrUpdateFirst("ja3", context.ja3.text);
  if (!context.ja4.text.empty()) tx.storeOrUpdateFirst("ja4", context.ja4.text);
}

void Transaction::run_headers() {
  modsecurity::Transaction& transaction = state_->transaction;
  for (const Header& header : request_->headers) {
    transaction.addRequestHeader(bytes_of(header.name), header.name.size(),
                                 bytes_of(header.value), header.value.size());
  }
  transaction.processRequestHeaders();
}

Body Transaction::prepare() {
  Body body =
      prepare_body(request_->body, joined_values(request_->headers, "content-encoding"),
                   profile_->bodies);
  weight_ = kTimesSent * body.owned.size();
  return body;
}

bool Transaction::asks_too_much(const Body& body, Findings& findings) {
  const std::string_view uri = request_->uri;
  const std::size_t query = std::min(uri.find('?'), uri.size() - 1) + 1;
  Shape shape = shape_of(body, *profile_->rules->rules(), state_->transaction);
  shape.arguments += shape_of_form(uri.substr(query)).arguments;
  findings.exceeded = shape.exceeds(profile_->limits);
  if (findings.exceeded == RequestLimit::kNone) return false;
  findings.failure = Failure::kTimeout;
  note_fault(body, findings);
  return true;
}

void Transaction::run_body(Body& body, Findings& findings) {
  modsecurity::Transaction& transaction = state_->transaction;
  hand_over(body, request_->body_truncated, *profile_->rules->rules(), transaction);
  note_fault(body, findings);
  if (!body.whole()) note_truncated();
  // Without a body too: most rules run in this phase.
  transaction.processRequestBody();
}

void Transaction::enter_phase(int phase, Findings& findings, Progress& progress) {
  phase_begin_ = state_->transaction.m_rulesMessages.size();
  findings.phase = phase;
  progress.enter_phase(phase);
}

bool Transaction::give_up(Findings& findings, const Progress& progress) {
  if (!progress.given_up()) return false;
  findings.failure = Failure::kTimeout;
  return true;
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
  // An intervention without a message is that of a rule with `nolog`.
  if (messages.size() > phase_begin_ && messages.back().m_isDisruptive) {
    intervention.rule_id = id_of(messages.back());
    intervention.drop = profile_->rules->facts().drops.count(intervention.rule_id) > 0;
  }
  state_->transaction.updateStatusCode(asked->status);
  findings.intervention = std::move(intervention);
  return true;
}

/// Those since the last call.
std::vector<RuleMatch> Transaction::new_matches() {
  std::vector<RuleMatch> matches;
  std::size_t index = 0;
  for (const modsecurity::RuleMessage& message : state_->transaction.m_rulesMessages) {
    if (index >= reported_) {
      matches.push_back(
          to_match(message, profile_->rules->facts(), state_->capture.variable(index)));
    }
    ++index;
  }
  reported_ = index;
  return matches;
}

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
