// The settings of the daemon, parsed and checked. Immutable once read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
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
/// remedy indented by two. Ends with a line break. A line or column of 0 is written as 1,
/// so that every error of a file has both, and gets no caret.
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

/// PEM files of a listening socket with TLS. They could be read when the settings were.
struct TlsFiles {
  std::string certificate;  ///< with its chain
  std::string key;          ///< never empty after reading: may be the certificate's file
  std::string client_ca;    ///< empty: clients need no certificate
  bool operator==(const TlsFiles&) const = default;
};

/// Where HAProxy connects, and how.
struct Listen {
  Address address;
  std::optional<TlsFiles> tls;        ///< kTcp only; nothing: in the clear
  std::optional<unsigned> unix_mode;  ///< kUnix: always there after reading; else nothing
  std::string unix_group;             ///< kUnix: name or number; empty: the process's own
  bool operator==(const Listen&) const = default;
};

enum class FailurePolicy : std::uint8_t { kAllow, kDeny };
enum class TruncationPolicy : std::uint8_t { kInspect, kAllow, kDeny };

/// What an application does with a request the rules could not judge whole.
struct Policy {
  FailurePolicy on_failure = FailurePolicy::kAllow;
  FailurePolicy on_timeout = FailurePolicy::kDeny;
  TruncationPolicy on_truncated_body = TruncationPolicy::kInspect;
};

/// How an application's responses are inspected, and how long its requests are kept for
/// them.
struct ResponseSettings {
  bool inspect = true;
  std::chrono::milliseconds hold{30'000};            ///< from the request's verdict
  std::size_t store_bytes = std::size_t{64} << 20U;  ///< of all kept transactions
  std::size_t transactions = 10'000;                 ///< kept at once
  std::vector<std::string> types;  ///< whose bodies are inspected; lower case, bare
  std::size_t body_limit_bytes = std::size_t{1} << 20U;  ///< of a body, decoded
};

/// How much of a body the rules get. What is beyond counts as truncated.
struct BodyLimits {
  std::size_t bytes = std::size_t{1} << 20U;  ///< decoded
  std::size_t ratio = 100;  ///< times that a coded body may grow when it is decoded
};

/// What a request may ask of the rules. One that exceeds them is not inspected:
/// Policy::on_timeout decides.
struct RequestLimits {
  std::size_t arguments = 5000;  ///< query, form fields, JSON leaves, parts
  std::size_t depth = 512;       ///< of JSON
};

struct ApplicationSettings {
  std::string name;
  std::vector<std::string> rules;  ///< files, in order of loading
  Policy policy;
  BodyLimits bodies;
  ResponseSettings responses;
  RequestLimits limits;
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

/// Resolved: an operator's 0 (no limit of its own) is the largest number after reading.
/// Times are not: see idle_timeout.
struct Limits {
  std::size_t connections = 10000;
  std::size_t connections_per_address = std::numeric_limits<std::size_t>::max();
  std::size_t frames_in_flight = 256;               ///< per connection
  std::chrono::milliseconds hello_timeout{10'000};  ///< from accept to a whole HELLO
  std::chrono::milliseconds idle_timeout{0};        ///< between frames; 0: for ever
  std::chrono::milliseconds frame_timeout{30'000};  ///< from its first byte to its last
  /// Unfinished frames and fragments of one connection; a whole frame always fits.
  std::size_t buffered_per_connection_bytes = std::size_t{8} << 20U;
  /// The same over all connections; never less than for one.
  std::size_t buffered_bytes = std::size_t{256} << 20U;
  /// Answers that wait for a slow reader, per connection.
  std::size_t unsent_bytes = std::size_t{4} << 20U;
};

struct Settings {
  std::vector<Listen> listen;
  Address admin;
  std::size_t workers = 0;  ///< resolved: never 0 after reading
  std::size_t queue = 1024;
  std::chrono::milliseconds processing_timeout{400};
  std::chrono::milliseconds hang_timeout{2000};  ///< at one message
  std::uint32_t max_frame_size = 1024 * 1024;    ///< bytes
  Limits limits;
  std::string events = "-";  ///< file, "-" or "none"
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string log_file = "-";  ///< file, or "-" for standard error
  std::string default_application;
  std::vector<ApplicationSettings> applications;  ///< never empty after reading
};

}  // namespace spoa
