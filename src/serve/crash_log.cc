#include "crash_log.h"

#include <execinfo.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "inspect/at_work.h"
#include "log.h"
#include "signals.h"

#if defined(__has_feature)
#define SPOA_CLANG_SANITIZES \
  (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SPOA_CLANG_SANITIZES 0
#endif

namespace spoa::serve {
namespace {

// A sanitizer has handlers of its own, and says more.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || SPOA_CLANG_SANITIZES
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Everything here runs in a signal handler of a process that is broken: no memory is
// taken, no lock, and nothing is called that does either.

constexpr int kFrames = 32;
constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

std::string_view name_of_signal(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

/// One line of the log, put together in place. What does not fit is left out.
class Line {
 public:
  explicit Line(bool json) : json_(json) {
    if (json_) put('{');
  }
  void text(std::string_view key, std::string_view value) {
    begin(key);
    put('"');
    // Ids are printable; of anything else a question mark is said.
    for (const char c : value) put(c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c);
    put('"');
  }
  void word(std::string_view key, std::string_view value) {
    if (json_) {
      text(key, value);
    } else {
      begin(key);
      for (const char c : value) put(c);
    }
  }
  void number(std::string_view key, std::uint64_t value) {
    begin(key);
    digits(value, 10);
  }
  void now(std::string_view key) {
    using namespace std::chrono;
    const auto now = floor<milliseconds>(system_clock::now());
    const year_month_day date(floor<days>(now));
    const hh_mm_ss time(now - floor<days>(now));
    begin(key);
    if (json_) put('"');
    digits(static_cast<unsigned>(static_cast<int>(date.year())), 10, 4);
    put('-');
    digits(static_cast<unsigned>(date.month()), 10, 2);
    put('-');
    digits(static_cast<unsigned>(date.day()), 10, 2);
    put('T');
    digits(static_cast<std::uint64_t>(time.hours().count()), 10, 2);
    put(':');
    digits(static_cast<std::uint64_t>(time.minutes().count()), 10, 2);
    put(':');
    digits(static_cast<std::uint64_t>(time.seconds().count()), 10, 2);
    put('.');
    digits(static_cast<std::uint64_t>(time.subseconds().count()), 10, 3);
    put('Z');
    if (json_) put('"');
  }
  void address(std::string_view key, std::uint64_t value) {
    begin(key);
    if (json_) put('"');
    put('0');
    put('x');
    digits(value, 16);
    if (json_) put('"');
  }
  void write_to(int fd) {
    if (json_) put('}');
    put('\n');
    [[maybe_unused]] const ssize_t n = ::write(fd, bytes_.data(), size_);
  }

 private:
  void begin(std::string_view key) {
    if (size_ > 1) put(json_ ? ',' : ' ');
    if (json_) put('"');
    for (const char c : key) put(c);
    if (json_) put('"');
    put(json_ ? ':' : '=');
  }
  void digits(std::uint64_t value, std::uint64_t base, std::size_t least = 1) {
    std::array<char, 20> reversed{};
    std::size_t count = 0;
    while (value > 0 || count < least) {
      reversed[count++] = "0123456789abcdef"[value % base];
      value /= base;
    }
    while (count > 0) put(reversed[--count]);
  }
  void put(char c) {
    // Room is kept for the end of the line.
    if (size_ < bytes_.size() - 2 || c == '}' || c == '\n') bytes_[size_++] = c;
  }

  std::array<char, 1024> bytes_{};
  std::size_t size_ = 0;
  const bool json_;
};

void add_work(Line& line) {
  const inspect::AtWork& work = inspect::at_work();
  if (work.id == nullptr) return;
  line.text("id", *work.id);
  line.word("app", *work.application);
  line.number("phase", work.progress == nullptr
                           ? 5
                           : static_cast<std::uint64_t>(work.progress->phase()));
}

void on_fault(int signal, siginfo_t* info, void* /*context*/) {
  const log::Target target = log::target();
  Line line(target.json);
  line.now("time");
  line.word("level", "error");
  line.word("event", "crashed");
  line.word("signal", name_of_signal(signal));
  line.address("address", reinterpret_cast<std::uintptr_t>(info->si_addr));
  add_work(line);
  line.text("msg",
            "the process ends; what it was taking care of gets no answer. Keep "
            "this line, the next ones and the core, and report them");
  line.write_to(target.fd);
  std::array<void*, kFrames> frames{};
  backtrace_symbols_fd(frames.data(), backtrace(frames.data(), kFrames), target.fd);
  // SA_RESETHAND: the fault happens again, without us. One that was sent does not.
  if (info->si_code <= 0) raise(signal);
}

}  // namespace

void log_crashes() {
  if (kSanitized) return;
  use_signal_stack();
  std::array<void*, 1> frame{};
  backtrace(frame.data(), 1);  // loads now what it needs
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int fault : kFaults) sigaction(fault, &action, nullptr);
}

}  // namespace spoa::serve
