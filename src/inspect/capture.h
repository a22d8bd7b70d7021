// Which variable each match was about: the library says so only while the rule runs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace modsecurity {
class Transaction;
}

namespace spoa::inspect {

/// Beside one Transaction, given to it as its log data. Worker thread.
class Capture {
 public:
  void watch(modsecurity::Transaction& transaction) noexcept {
    transaction_ = &transaction;
  }

  /// The library's log callback: called right after a match that is not disruptive was
  /// added to the transaction's messages.
  static void on_log(void* capture, const void* rule_message);

  /// The variable of the `index`-th message. A disruptive match is never announced, but
  /// it is the last of its phase: ask before the next phase runs.
  [[nodiscard]] std::string variable(std::size_t index) const;

 private:
  modsecurity::Transaction* transaction_ = nullptr;
  std::vector<std::string> variables_;  // by index of message
};

}  // namespace spoa::inspect
