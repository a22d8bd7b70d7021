// One message on its way through a worker, and what comes back.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "progress.h"
#include "ruleset.h"
#include "spoa/findings.h"
#include "spoa/request.h"
#include "transaction.h"

namespace spoa::inspect {

/// Where a job comes from: what fair shares are counted by.
struct Origin {
  std::uint32_t application = 0;  ///< by its name, whatever the generation
  std::uint64_t connection = 0;
};

/// One request or response to inspect. Shared by the loop thread, which answers for it
/// when its time is up, and the worker that has it. The message is only read once the job
/// is submitted.
class Job {
 public:
  using Clock = Progress::Clock;

  Job(Request message, std::shared_ptr<const Profile> profile, std::uint64_t serial,
      Origin origin = {})
      : message_(std::make_shared<const Request>(std::move(message))),
        profile_(std::move(profile)),
        serial_(serial),
        origin_(origin) {}

  /// Before submission: a request's transaction is wanted back, for its response.
  void keep_transaction() noexcept { keep_ = true; }
  /// Before submission, of a response: the request's transaction. Without one the
  /// response is inspected on its own.
  void continue_with(std::unique_ptr<Transaction> transaction) noexcept {
    home_ = transaction->worker();
    transaction_ = std::move(transaction);
  }

  /// Before submission: from its receipt to its answer.
  void set_time(Clock::duration time) noexcept { time_ = time; }

  [[nodiscard]] const Request& message() const noexcept { return *message_; }
  /// For who keeps the message, but not the rules, beyond the answer.
  [[nodiscard]] const std::shared_ptr<const Request>& shared_message() const noexcept {
    return message_;
  }
  [[nodiscard]] const std::shared_ptr<const Profile>& profile() const noexcept {
    return profile_;
  }
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
  [[nodiscard]] const Origin& origin() const noexcept { return origin_; }
  [[nodiscard]] Clock::time_point received() const noexcept { return received_; }
  [[nodiscard]] Clock::duration time() const noexcept { return time_; }
  [[nodiscard]] bool keeps_transaction() const noexcept { return keep_; }
  /// The only worker that may take it; nothing: any.
  [[nodiscard]] std::optional<std::size_t> home() const noexcept { return home_; }

  /// Worker, at most once: these findings are final, though its work is not yet done.
  void reach(const Findings& findings) {
    reached_ = findings;
    has_reached_.store(true, std::memory_order_release);
  }
  /// Any thread; null: not yet.
  [[nodiscard]] const Findings* reached() const noexcept {
    return has_reached_.load(std::memory_order_acquire) ? &reached_ : nullptr;
  }

  /// Who has the job: before submission the loop thread, then the worker.
  [[nodiscard]] std::unique_ptr<Transaction>& transaction() noexcept {
    return transaction_;
  }
  [[nodiscard]] Progress& progress() noexcept { return progress_; }

 private:
  const std::shared_ptr<const Request> message_;
  const std::shared_ptr<const Profile> profile_;
  const std::uint64_t serial_;
  const Origin origin_;
  const Clock::time_point received_ = Clock::now();
  Clock::duration time_ = Clock::duration::max();
  bool keep_ = false;
  std::optional<std::size_t> home_;
  std::unique_ptr<Transaction> transaction_;
  Progress progress_;
  Findings reached_;
  std::atomic<bool> has_reached_{false};
};

/// What a worker hands back.
struct Finished {
  std::shared_ptr<Job> job;
  Findings findings;
  /// Of a request whose transaction was wanted and that the rules let through: give it to
  /// its response's job, or to WorkerPool::end.
  std::unique_ptr<Transaction> transaction;
};

}  // namespace spoa::inspect
