#include "table.h"

#include <algorithm>
#include <array>

#include "spoa/spop.h"

namespace spoa::settings {
namespace {

constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kLogFormats{"text", "json"};
constexpr std::array<std::string_view, 2> kFailurePolicies{"allow", "deny"};
constexpr std::array<std::string_view, 3> kTruncationPolicies{"inspect", "allow", "deny"};
constexpr std::array<std::string_view, 2> kSwitch{"false", "true"};
constexpr std::array<std::string_view, 2> kEventWords{"-", "none"};
constexpr std::array<std::string_view, 1> kLogWords{"-"};
constexpr std::uint64_t kMostBuffered = std::uint64_t{64} << 30U;

template <auto... Path>
Slot daemon(const Target& target) {
  return &(target.settings.*....*Path);
}

template <auto... Path>
Slot application(const Target& target) {
  return &(target.application.*....*Path);
}

template <auto Member>
Slot item(const Target& target) {
  return &(target.listen.*Member);
}

template <auto Member>
Slot tls_file(const Target& target) {
  if (!target.listen.tls) target.listen.tls.emplace();
  return &(*target.listen.tls.*Member);
}

constexpr std::array kTable{
    Setting{.key = "listen",
            .kind = Kind::kAddresses,
            .fallback = "127.0.0.1:12345",
            .flag = "--listen",
            .help =
                "Where HAProxy connects. Anyone who reaches it can have traffic judged: "
                "keep it on loopback or on a private network.",
            .slot = daemon<&Settings::listen>},
    Setting{.key = "listen.*.address",
            .kind = Kind::kAddress,
            .help = "The address of an item that says more than that.",
            .slot = item<&Listen::address>},
    Setting{.key = "listen.*.mode",
            .kind = Kind::kMode,
            .fallback = "0660",
            .help = "Permissions of a unix socket: who may write to it may connect.",
            .slot = item<&Listen::unix_mode>},
    Setting{.key = "listen.*.group",
            .kind = Kind::kGroup,
            .help = "Group of a unix socket, such as HAProxy's. The daemon's user must "
                    "belong to it. Left out, it is the daemon's own.",
            .slot = item<&Listen::unix_group>},
    Setting{.key = "listen.*.tls.certificate",
            .kind = Kind::kFile,
            .help = "The certificate and its chain, PEM. Under tls, for HOST:PORT.",
            .reloads = true,
            .slot = tls_file<&TlsFiles::certificate>},
    Setting{.key = "listen.*.tls.key",
            .kind = Kind::kFile,
            .help = "The certificate's private key, PEM. May be left out when it is in "
                    "the certificate's file.",
            .reloads = true,
            .slot = tls_file<&TlsFiles::key>},
    Setting{.key = "listen.*.tls.client-ca",
            .kind = Kind::kFile,
            .help = "Certificates of authorities, PEM. When given, a client must show a "
                    "certificate that one of them signed.",
            .reloads = true,
            .slot = tls_file<&TlsFiles::client_ca>},
    Setting{.key = "admin",
            .kind = Kind::kAddress,
            .fallback = "127.0.0.1:9180",
            .flag = "--admin",
            .help = "Where metrics and health answer over HTTP. It asks for no password: "
                    "keep it on loopback or on a private network.",
            .slot = daemon<&Settings::admin>},
    Setting{.key = "workers",
            .kind = Kind::kCount,
            .range = {0, 1024},
            .fallback = "0",
            .flag = "--workers",
            .help = "Threads that inspect. 0 is one per CPU the process may use.",
            .slot = daemon<&Settings::workers>},
    Setting{.key = "queue",
            .kind = Kind::kCount,
            .range = {1, 1'000'000},
            .fallback = "1024",
            .flag = "--queue",
            .help =
                "Requests that may wait for a worker, over all workers, with no more "
                "bytes than limits.buffered. One that finds no room is not inspected: "
                "on-failure decides.",
            .reloads = true,
            .slot = daemon<&Settings::queue>},
    Setting{.key = "processing-timeout",
            .kind = Kind::kDuration,
            .range = {1, 600'000},
            .fallback = "400ms",
            .flag = "--processing-timeout",
            .help = "Time in which every request is answered. What has waited for seven "
                    "eighths of it is not inspected any more (on-failure decides), an "
                    "inspection ends at fifteen sixteenths (on-timeout). Keep it below "
                    "HAProxy's timeout processing: a later answer is not heard.",
            .reloads = true,
            .slot = daemon<&Settings::processing_timeout>},
    Setting{.key = "hang-timeout",
            .kind = Kind::kDuration,
            .range = {10, 3'600'000},
            .fallback = "2s",
            .help = "A worker that has been at one message for longer is said to hang: "
                    "it is named in the log, and another one takes its place. Less than "
                    "processing-timeout is taken as that.",
            .slot = daemon<&Settings::hang_timeout>},
    Setting{.key = "max-frame-size",
            .kind = Kind::kSize,
            .range = {kSmallestMaxFrameSize, 64U << 20},
            .fallback = "1MiB",
            .flag = "--max-frame-size",
            .help = "Largest SPOP frame taken. The smaller of this and what HAProxy "
                    "announces (16380 bytes by default) is used.",
            .slot = daemon<&Settings::max_frame_size>},
    Setting{.key = "limits.connections",
            .kind = Kind::kCount,
            .range = {0, 1'000'000},
            .fallback = "10000",
            .help = "SPOP connections open at once; those without a HELLO make room for "
                    "new ones. 0 is no limit but the descriptors.",
            .slot = daemon<&Settings::limits, &Limits::connections>},
    Setting{.key = "limits.connections-per-address",
            .kind = Kind::kCount,
            .range = {0, 1'000'000},
            .fallback = "0",
            .help = "The same from one client address. 0 is no limit of its own.",
            .slot = daemon<&Settings::limits, &Limits::connections_per_address>},
    Setting{.key = "limits.frames-in-flight",
            .kind = Kind::kCount,
            .range = {0, 1'000'000},
            .fallback = "256",
            .help = "Unanswered requests on one connection. 0 is no limit of its own.",
            .slot = daemon<&Settings::limits, &Limits::frames_in_flight>},
    Setting{.key = "limits.hello-timeout",
            .kind = Kind::kDuration,
            .range = {1, 3'600'000},
            .fallback = "10s",
            .help = "Time a new connection may take until its HELLO has come whole.",
            .slot = daemon<&Settings::limits, &Limits::hello_timeout>},
    Setting{.key = "limits.idle-timeout",
            .kind = Kind::kDuration,
            .range = {0, 86'400'000},
            .fallback = "0",
            .help = "Time a connection may stay without a frame. 0 is no limit.",
            .slot = daemon<&Settings::limits, &Limits::idle_timeout>},
    Setting{.key = "limits.frame-timeout",
            .kind = Kind::kDuration,
            .range = {1, 3'600'000},
            .fallback = "30s",
            .help = "Time a frame may take from its first byte to its last.",
            .slot = daemon<&Settings::limits, &Limits::frame_timeout>},
    Setting{.key = "limits.buffered-per-connection",
            .kind = Kind::kSize,
            .range = {kSmallestMaxFrameSize, kMostBuffered},
            .fallback = "8MiB",
            .help = "Bytes of unfinished frames and fragments of one connection. At "
                    "least max-frame-size, and raised to it when left out.",
            .slot = daemon<&Settings::limits, &Limits::buffered_per_connection_bytes>},
    Setting{.key = "limits.buffered",
            .kind = Kind::kSize,
            .range = {kSmallestMaxFrameSize, kMostBuffered},
            .fallback = "256MiB",
            .help = "The same over all connections, with the answers not yet read. At "
                    "least limits.buffered-per-connection, and raised to it when left "
                    "out.",
            .slot = daemon<&Settings::limits, &Limits::buffered_bytes>},
    Setting{.key = "limits.unsent",
            .kind = Kind::kSize,
            .range = {16U << 10U, kMostBuffered},
            .fallback = "4MiB",
            .help = "Bytes of answers that may wait for a slow reader, per connection.",
            .slot = daemon<&Settings::limits, &Limits::unsent_bytes>},
    Setting{.key = "events",
            .kind = Kind::kOutput,
            .words = kEventWords,
            .fallback = "-",
            .flag = "--events",
            .help =
                "Where findings go, one JSON object a line: a file, \"-\" for standard "
                "output, or none.",
            .slot = daemon<&Settings::events>},
    Setting{.key = "log-level",
            .kind = Kind::kChoice,
            .words = kLogLevels,
            .fallback = "info",
            .flag = "--log-level",
            .help = "The least severe lines the daemon's own log keeps.",
            .reloads = true,
            .slot = daemon<&Settings::log_level>},
    Setting{.key = "log-format",
            .kind = Kind::kChoice,
            .words = kLogFormats,
            .fallback = "text",
            .flag = "--log-format",
            .help = "How the daemon's own log is written: for people or for machines.",
            .slot = daemon<&Settings::log_format>},
    Setting{
        .key = "log-file",
        .kind = Kind::kOutput,
        .words = kLogWords,
        .fallback = "-",
        .flag = "--log-file",
        .help = "Where the daemon's own log goes: a file, or \"-\" for standard error.",
        .slot = daemon<&Settings::log_file>},
    Setting{.key = "default-application",
            .kind = Kind::kName,
            .help =
                "The application of requests that name none, or one that is not here. "
                "May be left out when there is only one.",
            .reloads = true,
            .slot = daemon<&Settings::default_application>},
    Setting{.key = "applications.*.rules",
            .kind = Kind::kFiles,
            .flag = "--rules",
            .help = "Files of ModSecurity rules, loaded in this order. Every application "
                    "needs at least one.",
            .slot = application<&ApplicationSettings::rules>},
    Setting{.key = "applications.*.on-failure",
            .kind = Kind::kChoice,
            .words = kFailurePolicies,
            .fallback = "allow",
            .help = "The verdict on a request that could not be inspected. deny answers "
                    "with code 503.",
            .slot = application<&ApplicationSettings::policy, &Policy::on_failure>},
    Setting{.key = "applications.*.on-timeout",
            .kind = Kind::kChoice,
            .words = kFailurePolicies,
            .fallback = "deny",
            .help = "The same for a request that used up its time while being inspected: "
                    "its cost is the sender's choice.",
            .slot = application<&ApplicationSettings::policy, &Policy::on_timeout>},
    Setting{
        .key = "applications.*.on-truncated-body",
        .kind = Kind::kChoice,
        .words = kTruncationPolicies,
        .fallback = "inspect",
        .help = "What to do when the rules do not get the whole body: HAProxy handed "
                "over less, or it is beyond the limits below, or cannot be decoded. "
                "inspect judges what came; deny answers with code 413.",
        .slot = application<&ApplicationSettings::policy, &Policy::on_truncated_body>},
    Setting{.key = "applications.*.bodies.limit",
            .kind = Kind::kSize,
            .range = {1U << 10U, 64U << 20U},
            .fallback = "1MiB",
            .help = "Bytes of a body, decoded, that the rules get. The rest counts as "
                    "truncated.",
            .slot = application<&ApplicationSettings::bodies, &BodyLimits::bytes>},
    Setting{.key = "applications.*.bodies.ratio",
            .kind = Kind::kCount,
            .range = {1, 1100},
            .fallback = "100",
            .help = "How many times larger than it was sent a gzip or deflate body may "
                    "become. The rest counts as truncated.",
            .slot = application<&ApplicationSettings::bodies, &BodyLimits::ratio>},
    Setting{.key = "applications.*.limits.arguments",
            .kind = Kind::kCount,
            .range = {1, 1'000'000},
            .fallback = "5000",
            .help = "Arguments of a request: in its query, fields of a form, leaves of "
                    "JSON, parts of multipart. One with more costs the rules too much, "
                    "and is not inspected: on-timeout decides.",
            .slot = application<&ApplicationSettings::limits, &RequestLimits::arguments>},
    Setting{.key = "applications.*.limits.depth",
            .kind = Kind::kCount,
            .range = {1, 10'000},
            .fallback = "512",
            .help = "The same for the nesting of JSON.",
            .slot = application<&ApplicationSettings::limits, &RequestLimits::depth>},
    Setting{
        .key = "applications.*.responses.inspect",
        .kind = Kind::kChoice,
        .words = kSwitch,
        .fallback = "true",
        .help = "Whether responses are inspected when HAProxy sends them. With false "
                "each is allowed at once, reason unknown-transaction, with an event of "
                "its own: take the question out of HAProxy's files, too.",
        .slot = application<&ApplicationSettings::responses, &ResponseSettings::inspect>},
    Setting{
        .key = "applications.*.responses.hold",
        .kind = Kind::kDuration,
        .range = {1, 3'600'000},
        .fallback = "30s",
        .help = "How long a request's transaction waits for the response, from its "
                "verdict. A later response is inspected on its own.",
        .slot = application<&ApplicationSettings::responses, &ResponseSettings::hold>},
    Setting{
        .key = "applications.*.responses.store",
        .kind = Kind::kSize,
        .range = {0, kMostBuffered},
        .fallback = "64MiB",
        .help = "Memory that waiting transactions may take, as estimated: 64KiB each, "
                "twelve times what HAProxy sent and what was decoded, and 768B for "
                "each argument. Beyond it the oldest ends.",
        .slot =
            application<&ApplicationSettings::responses, &ResponseSettings::store_bytes>},
    Setting{.key = "applications.*.responses.transactions",
            .kind = Kind::kCount,
            .range = {0, 1'000'000},
            .fallback = "10000",
            .help = "How many transactions may wait. Beyond it the oldest ends.",
            .slot = application<&ApplicationSettings::responses,
                                &ResponseSettings::transactions>},
    Setting{
        .key = "applications.*.responses.types",
        .kind = Kind::kMediaTypes,
        .fallback = "text/html, text/plain, text/xml, application/xml, "
                    "application/json",
        .help = "Media types of the bodies that are inspected. Of others, status and "
                "headers are.",
        .slot = application<&ApplicationSettings::responses, &ResponseSettings::types>},
    Setting{.key = "applications.*.responses.body-limit",
            .kind = Kind::kSize,
            .range = {0, kMostBuffered},
            .fallback = "1MiB",
            .help = "Bytes of a response's body, decoded, that are inspected.",
            .slot = application<&ApplicationSettings::responses,
                                &ResponseSettings::body_limit_bytes>},
};

void assign_fallback(const Setting& setting, Slot slot) {
  clear(slot);
  // The table's own text is well-formed: a test reads every row.
  for (const std::string_view value : defaults_of(setting))
    static_cast<void>(assign(setting, value, slot));
}

}  // namespace

std::span<const Setting> table() noexcept { return kTable; }

const Setting* find(std::string_view key) noexcept {
  const auto* const row = std::find_if(kTable.begin(), kTable.end(),
                                       [&](const Setting& s) { return s.key == key; });
  return row == kTable.end() ? nullptr : row;
}

std::vector<std::string_view> defaults_of(const Setting& setting) {
  constexpr std::string_view kBetween = ", ";
  std::vector<std::string_view> values;
  std::string_view rest = setting.fallback;
  while (!rest.empty()) {
    const std::size_t end =
        setting.is_list() ? rest.find(kBetween) : std::string_view::npos;
    values.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + kBetween.size());
  }
  return values;
}

std::vector<std::string_view> names_below(std::string_view path) {
  std::vector<std::string_view> names;
  for (const Setting& setting : kTable) {
    std::string_view rest = setting.key;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() ||
          rest[path.size()] != '.') {
        continue;
      }
      rest.remove_prefix(path.size() + 1);
    }
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

void assign_defaults(Settings& settings) {
  ApplicationSettings application;
  Listen listen;
  for (const Setting& setting : kTable) {
    if (!setting.of_application() && !setting.of_listen())
      assign_fallback(setting, setting.slot({settings, application, listen}));
  }
}

void assign_defaults(ApplicationSettings& application) {
  Settings settings;
  Listen listen;
  for (const Setting& setting : kTable) {
    if (setting.of_application())
      assign_fallback(setting, setting.slot({settings, application, listen}));
  }
}

}  // namespace spoa::settings
