#include "notifier.h"

#include <time.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace spoa::serve {
namespace {

std::int64_t monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void notify(std::string_view state, const std::string& status) {
  ::sd_notify(0, fmt::format("{}\nSTATUS={}", state, status).c_str());
}

}  // namespace

Notifier::Notifier(accept::Loop& loop, std::function<bool()> healthy)
    : healthy_(std::move(healthy)), timer_(loop, [this] { watch(); }) {
  std::uint64_t us = 0;
  if (::sd_watchdog_enabled(0, &us) > 0) half_ = std::chrono::microseconds(us / 2);
}

void Notifier::ready(const std::string& status) {
  notify("READY=1", status);
  if (half_.count() > 0) timer_.start(half_);
}

void Notifier::reloading(const std::string& status) {
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()), status);
}

void Notifier::stopping(const std::string& status, std::chrono::microseconds at_most) {
  notify(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", at_most.count()), status);
}

void Notifier::watch() {
  if (healthy_()) ::sd_notify(0, "WATCHDOG=1");
  timer_.start(half_);
}

}  // namespace spoa::serve
