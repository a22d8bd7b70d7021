#include "metrics_process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace spoa {
namespace {

/// The fields of /proc/self/stat we need, as proc(5) numbers them.
constexpr std::size_t kUserTime = 14;
constexpr std::size_t kSystemTime = 15;
constexpr std::size_t kThreads = 20;
constexpr std::size_t kStartTime = 22;
constexpr std::size_t kVirtualBytes = 23;
constexpr std::size_t kResidentPages = 24;
constexpr std::size_t kFields = kResidentPages + 1;

/// Numbers by field; fields that are none are 0. The second field, the program's name,
/// may hold blanks and brackets: what follows its last bracket begins with field 3.
std::array<std::uint64_t, kFields> read_stat() {
  std::array<std::uint64_t, kFields> fields{};
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::string_view rest = std::string_view(line).substr(name_end + 1);
  for (std::size_t field = 3; field < kFields && !rest.empty(); ++field) {
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find(' '));
    std::from_chars(word.data(), word.data() + word.size(), fields[field]);
    rest.remove_prefix(word.size());
  }
  return fields;
}

std::uint64_t count_fds() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"),
                                                   ::closedir);
  if (!folder) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count > 0 ? count - 1 : 0;  // the folder itself was open
}

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// When the system booted. Read once, or the start time would jitter between scrapes.
double boot_time_seconds() {
  static const double boot = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
  return boot;
}

}  // namespace

ProcessStats read_process_stats() {
  const auto stat = read_stat();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ProcessStats stats;
  stats.cpu_seconds = static_cast<double>(stat[kUserTime] + stat[kSystemTime]) / ticks;
  stats.start_time_seconds =
      boot_time_seconds() + static_cast<double>(stat[kStartTime]) / ticks;
  stats.virtual_bytes = stat[kVirtualBytes];
  stats.resident_bytes =
      stat[kResidentPages] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  stats.threads = stat[kThreads];
  stats.open_fds = count_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = limit.rlim_cur;
  return stats;
}

}  // namespace spoa
