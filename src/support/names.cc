// The words behind the enums: labels of metrics, values of variables, keys of log lines.
#include <strings.h>

#include <array>

#include "spoa/findings.h"
#include "spoa/request.h"
#include "spoa/verdict.h"
#include "spoa/wire_error.h"

namespace spoa {
namespace {

struct WireErrorEntry {
  std::string_view name;
  DisconnectCode code;
};

constexpr std::array<WireErrorEntry, kWireErrors> kWireErrorTable{{
    {"frame-too-small", DisconnectCode::kInvalidFrame},
    {"frame-too-big", DisconnectCode::kFrameTooBig},
    {"truncated", DisconnectCode::kInvalidFrame},
    {"varint-overflow", DisconnectCode::kInvalidFrame},
    {"bad-data-type", DisconnectCode::kInvalidFrame},
    {"bad-ids", DisconnectCode::kInvalidFrame},
    {"not-final", DisconnectCode::kInvalidFrame},
    {"hello-expected", DisconnectCode::kInvalidFrame},
    {"second-hello", DisconnectCode::kInvalidFrame},
    {"agent-frame", DisconnectCode::kInvalidFrame},
    {"no-version", DisconnectCode::kNoVersion},
    {"unsupported-version", DisconnectCode::kUnsupportedVersion},
    {"no-max-frame-size", DisconnectCode::kNoMaxFrameSize},
    {"bad-max-frame-size", DisconnectCode::kBadMaxFrameSize},
    {"interlaced-fragments", DisconnectCode::kInterlacedFrames},
    {"fragments-too-big", DisconnectCode::kFrameTooBig},
    {"hello-timeout", DisconnectCode::kTimeout},
    {"frame-timeout", DisconnectCode::kTimeout},
    {"buffer-limit", DisconnectCode::kResourceAllocation},
    {"idle-timeout", DisconnectCode::kTimeout},
    {"slow-reader", DisconnectCode::kResourceAllocation},
    {"tls-handshake", DisconnectCode::kIo},
    {"crowded-out", DisconnectCode::kResourceAllocation},
}};

constexpr std::array<std::string_view, kRequestFaults> kRequestFaultNames{
    "none",       "undecodable",   "no-arguments", "missing-method", "missing-headers",
    "wrong-type", "contradiction", "bad-headers",  "bad-address"};

constexpr std::array<std::string_view, kContextDrops> kContextDropNames{
    "bad-name", "too-many", "too-long"};

constexpr std::array<std::string_view, kFingerprintGaps> kFingerprintGapNames{
    "none",         "not-sent",   "not-captured", "incomplete",
    "alpn-unknown", "wrong-type", "no-digest"};

constexpr std::array<std::string_view, kActions> kActionNames{"allow", "deny", "redirect",
                                                              "drop"};

constexpr std::array<std::string_view, kReasons> kReasonNames{"clean",
                                                              "rules",
                                                              "overload",
                                                              "timeout",
                                                              "bad-request",
                                                              "truncated",
                                                              "unknown-transaction",
                                                              "shutdown",
                                                              "engine-error"};

constexpr std::array<std::string_view, kContentCodings> kContentCodingNames{
    "identity", "gzip", "deflate", "other"};

constexpr std::array<std::string_view, kRequestLimits> kRequestLimitNames{
    "none", "arguments", "depth"};

constexpr std::array<std::string_view, kBodyFaults> kBodyFaultNames{
    "none", "limit", "ratio", "unfinished", "damaged", "unknown"};

template <typename Table, typename Enum>
constexpr const auto& at(const Table& table, Enum value) noexcept {
  return table[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view name_of(WireError error) noexcept {
  return at(kWireErrorTable, error).name;
}

DisconnectCode disconnect_code(WireError error) noexcept {
  return at(kWireErrorTable, error).code;
}

std::string_view name_of(RequestFault fault) noexcept {
  return at(kRequestFaultNames, fault);
}
std::string_view name_of(ContextDrop drop) noexcept {
  return at(kContextDropNames, drop);
}
std::string_view name_of(FingerprintGap gap) noexcept {
  return at(kFingerprintGapNames, gap);
}
std::string_view name_of(Action action) noexcept { return at(kActionNames, action); }
std::string_view name_of(Reason reason) noexcept { return at(kReasonNames, reason); }
std::string_view name_of(ContentCoding coding) noexcept {
  return at(kContentCodingNames, coding);
}
std::string_view name_of(RequestLimit limit) noexcept {
  return at(kRequestLimitNames, limit);
}
std::string_view name_of(BodyFault fault) noexcept { return at(kBodyFaultNames, fault); }

std::string_view header_value(const Request& request, std::string_view name) noexcept {
  for (const Header& header : request.headers) {
    if (header.name.size() == name.size() &&
        strncasecmp(header.name.data(), name.data(), name.size()) == 0) {
      return header.value;
    }
  }
  return {};
}

}  // namespace spoa
