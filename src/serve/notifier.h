// What the service manager hears: sd_notify(3). Nothing, where none has started us.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "accept/loop.h"

namespace spoa::serve {

/// Loop thread only. `status` is the line that `systemctl status` shows.
class Notifier {
 public:
  /// Tells the watchdog, twice in the time it allows, that the loop turns, as long as
  /// `healthy` says so. Without a watchdog `healthy` is never asked.
  Notifier(accept::Loop& loop, std::function<bool()> healthy);

  void ready(const std::string& status);
  void reloading(const std::string& status);
  /// It will take `at_most`, which may be more than the unit's TimeoutStopSec=.
  void stopping(const std::string& status, std::chrono::microseconds at_most);

 private:
  void watch();

  std::function<bool()> healthy_;
  std::chrono::microseconds half_{0};  // of the watchdog's time; 0: there is none
  accept::Timer timer_;
};

}  // namespace spoa::serve
