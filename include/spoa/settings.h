// The settings of the daemon, parsed and checked. Immutable once read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoa {

/// A mistake of the operator's, placed so that it can be mended.
struct Problem {
  std::string file;    ///< empty: the command line
  int line = 0;        ///< from 1; 0: the file as a whole
  int column = 0;      ///< from 1, in bytes; 0: the line as a whole
  std::string text;    ///< what is wrong, lower case, no full stop
  std::string remedy;  ///< what is allowed, or what to do; may be empty
  bool operator==(const Problem&) const = default;
};

/// `FILE:LINE:COLUMN: text`, then the line with a caret when it can be read, then the
/// remedy indented by two. Ends with a line break.
std::string to_text(const Problem& problem);

/// Every problem, then `N errors; OUTCOME`, such as "nothing was started".
std::string to_text(const std::vector<Problem>& problems, std::string_view outcome);

/// HOST:PORT, [V6]:PORT, unix:/PATH or `systemd`.
struct Address {
  enum class Kind : std::uint8_t { kTcp, kUnix, kSystemd };
  Kind kind = Kind::kTcp;
  std::string host;        ///< kTcp: name or number, no brackets
  std::uint16_t port = 0;  ///< kTcp; 0 asks the system for a free port
  std::string path;        ///< kUnix
  bool operator==(const Address&) const = default;
};
std::string to_text(const Address& address);

enum class FailurePolicy : std::uint8_t { kAllow, kDeny };
enum class TruncationPolicy : std::uint8_t { kInspect, kAllow, kDeny };

/// What an application does with a request the rules could not judge whole.
struct Policy {
  FailurePolicy on_failure = FailurePolicy::kAllow;
  FailurePolicy on_timeout = FailurePolicy::kDeny;
  TruncationPolicy on_truncated_body = TruncationPolicy::kInspect;
};

struct ApplicationSettings {
  std::string name;
  std::vector<std::string> rules;  ///< files, in order of loading
  Policy policy;
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

/// Resolved: an operator's 0 (no limit of its own) is the largest number after reading.
struct Limits {
  std::size_t connections = 10000;
  std::size_t frames_in_flight = 256;  ///< per connection
};

struct Settings {
  std::vector<Address> listen;
  Address admin;
  std::size_t workers = 0;  ///< resolved: never 0 after reading
  std::size_t queue = 1024;
  std::chrono::milliseconds processing_timeout{400};
  std::uint32_t max_frame_size = 1024 * 1024;  ///< bytes
  Limits limits;
  std::string events = "-";  ///< file, "-" or "none"
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string log_file = "-";  ///< file, or "-" for standard error
  std::string default_application;
  std::vector<ApplicationSettings> applications;  ///< never empty after reading
};

}  // namespace spoa
