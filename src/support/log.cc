#include "log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace spoa::log {
namespace {

/// A file or standard error, written whole lines at a time, that can be opened anew.
/// spdlog's own file sinks cannot be reopened in place.
class ReopenableSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  ~ReopenableSink() override { close_file(); }

  bool open(const std::string& path) {
    const std::lock_guard lock(mutex_);
    path_ = path;
    return open_file();
  }

  [[nodiscard]] int fd() const noexcept { return fd_; }

  bool reopen() {
    const std::lock_guard lock(mutex_);
    return open_file();
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view line(message.payload.data(), message.payload.size());
    // A reader of our standard error that stops reading must not stop the traffic.
    pollfd target{fd_, POLLOUT, 0};
    if (::poll(&target, 1, 0) != 1) return;
    std::size_t done = 0;
    while (done < line.size()) {
      const ssize_t n = ::write(fd_, line.data() + done, line.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // nowhere left to complain to
      done += static_cast<std::size_t>(n);
    }
  }
  void flush_() override {}

 private:
  bool open_file() {
    if (path_ == "-") return true;
    const int fd = ::open(path_.c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
    if (fd < 0) return false;
    close_file();
    fd_ = fd;
    return true;
  }
  void close_file() {
    if (fd_ != STDERR_FILENO) ::close(fd_);
    fd_ = STDERR_FILENO;
  }

  std::string path_ = "-";
  std::atomic<int> fd_ = STDERR_FILENO;
};

struct State {
  std::shared_ptr<ReopenableSink> sink = std::make_shared<ReopenableSink>();
  spdlog::logger logger{"spoa-modsecurity", sink};
  LogFormat format = LogFormat::kText;
};

State& state() {
  static State instance;
  return instance;
}

void append_escaped(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte >= 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool is_plain(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

void append_value(fmt::memory_buffer& out, const Value& value, bool json) {
  std::visit(
      [&](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string_view>) {
          if (!json && is_plain(held)) {
            out.append(held);
          } else {
            append_escaped(out, held);
          }
        } else {
          fmt::format_to(std::back_inserter(out), "{}", held);
        }
      },
      value.get());
}

void append_pair(fmt::memory_buffer& out, std::string_view key, const Value& value,
                 bool json) {
  if (json) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":", out.size() > 1 ? "," : "", key);
  } else {
    fmt::format_to(std::back_inserter(out), "{}{}=", out.size() > 0 ? " " : "", key);
  }
  append_value(out, value, json);
}

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     ms.count() % 1000);
}

void write(spdlog::level::level_enum level, std::string_view level_name,
           std::string_view event, Fields fields, std::string_view message) {
  State& log = state();
  if (!log.logger.should_log(level)) return;
  const bool json = log.format == LogFormat::kJson;
  fmt::memory_buffer line;
  if (json) line.push_back('{');
  append_pair(line, "time", now_text(), json);
  append_pair(line, "level", level_name, json);
  append_pair(line, "event", event, json);
  for (const Field& field : fields) append_pair(line, field.key, field.value, json);
  append_pair(line, "msg", message, json);
  if (json) line.push_back('}');
  line.push_back('\n');
  log.logger.log(level, std::string_view(line.data(), line.size()));
}

}  // namespace

bool open(const std::string& file, LogLevel level, LogFormat format) {
  state().format = format;
  set_level(level);
  return state().sink->open(file);
}

void set_level(LogLevel level) {
  static constexpr std::array kLevels{spdlog::level::debug, spdlog::level::info,
                                      spdlog::level::warn, spdlog::level::err};
  state().logger.set_level(kLevels[static_cast<std::size_t>(level)]);
}

bool reopen() { return state().sink->reopen(); }

Target target() noexcept {
  return {state().sink->fd(), state().format == LogFormat::kJson};
}

void debug(std::string_view event, Fields fields, std::string_view message) {
  write(spdlog::level::debug, "debug", event, fields, message);
}
void info(std::string_view event, Fields fields, std::string_view message) {
  write(spdlog::level::info, "info", event, fields, message);
}
void warn(std::string_view event, Fields fields, std::string_view message) {
  write(spdlog::level::warn, "warn", event, fields, message);
}
void error(std::string_view event, Fields fields, std::string_view message) {
  write(spdlog::level::err, "error", event, fields, message);
}

bool RateLimit::allow(std::uint64_t& suppressed) noexcept {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count();
  std::int64_t next = next_ms_.load(std::memory_order_relaxed);
  if (now < next || !next_ms_.compare_exchange_strong(next, now + 1000)) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  suppressed = suppressed_.exchange(0);
  return true;
}

}  // namespace spoa::log
