// spoa-modsecurity: the program.
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include "bench/bench.h"
#include "check.h"
#include "crash_log.h"
#include "daemon.h"
#include "inspect/engine.h"
#include "log.h"
#include "settings/invocation.h"
#include "spoa/exit_status.h"

namespace spoa::serve {
namespace {

/// Each connection takes a descriptor; the soft limit of 1024 is for programs with
/// select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool library_fits_or_complain() {
  if (library_fits()) return true;
  fmt::print(
      stderr,
      "libmodsecurity is {}, but this program was built for {}: its ABI differs under "
      "the same name\n  build spoa-modsecurity anew, or install libmodsecurity {}\n",
      inspect::library_version(), inspect::header_version(), inspect::header_version());
  return false;
}

int run(const settings::Invocation& invocation) {
  // Until the loop listens to them: logrotate or a reload may come while rules load.
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGUSR1, SIG_IGN);
  const Settings& settings = invocation.settings;
  auto loaded = load_or_complain(settings);
  if (!loaded) return kExitSettings;
  if (!log::open(settings.log_file, settings.log_level, settings.log_format)) {
    fmt::print(stderr,
               "cannot open the log {}: {}\n  create its folder, or change log-file\n",
               settings.log_file, std::strerror(errno));
    return kExitFailed;
  }
  log_crashes();
  raise_descriptor_limit();
  Daemon daemon(invocation);
  if (!daemon.start(std::move(*loaded))) return kExitFailed;
  daemon.run();
  return kExitDone;
}

int dispatch(int argc, const char* const* argv) {
  const auto invocation = settings::read_invocation(argc, argv);
  if (!invocation) return refuse(invocation.error());
  switch (invocation->command) {
    case settings::Command::kHelp:
      fmt::print("{}", invocation->text);
      return kExitDone;
    case settings::Command::kVersion:
      fmt::print("spoa-modsecurity {} (libmodsecurity {})\n", PROJECT_VERSION,
                 inspect::library_version());
      return kExitDone;
    case settings::Command::kBench:
      raise_descriptor_limit();
      return bench::bench(invocation->bench);
    case settings::Command::kCheck:
      return library_fits_or_complain() ? check(*invocation) : kExitFailed;
    case settings::Command::kRun:
      break;
  }
  return library_fits_or_complain() ? run(*invocation) : kExitFailed;
}

}  // namespace
}  // namespace spoa::serve

int main(int argc, char** argv) {
  try {
    return spoa::serve::dispatch(argc, argv);
  } catch (const std::exception& e) {
    // Out of memory, say: nothing that an input can bring about.
    std::fputs(e.what(), stderr);
    std::fputs("\n", stderr);
    return spoa::kExitFailed;
  }
}
