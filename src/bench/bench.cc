#include "bench.h"

#include <cstdio>

#include <fmt/format.h>

#include "dial.h"
#include "report.h"
#include "runner.h"
#include "spoa/exit_status.h"
#include "stock.h"

namespace spoa::bench {
namespace {

int complain(int exit_status, std::string_view text) {
  fmt::print(stderr, "{}\n", text);
  return exit_status;
}

}  // namespace

int bench(const BenchSettings& settings) {
  auto stock = Stock::of(settings);
  if (!stock) return complain(kExitUsage, stock.error());
  const auto endpoints = endpoints_of(settings.target);
  if (!endpoints) return complain(kExitFailed, endpoints.error());
  const auto measured = Runner(settings, *endpoints, *stock).run();
  if (!measured) return complain(kExitFailed, measured.error());
  const std::string text =
      settings.json ? to_json(settings, *measured) : to_tables(settings, *measured);
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return complain(kExitFailed, "cannot write to standard output");
  }
  const std::string failure = why_void(settings, *measured);
  if (failure.empty()) return kExitDone;
  return complain(kExitFailed, "this run does not count: " + failure);
}

}  // namespace spoa::bench
