// Requests that wait for any worker: in fair shares, and in the order in which most of
// them still get their answer in time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "job.h"
#include "turns.h"

namespace spoa::inspect {

/// Shares are shares of the workers' time: first between applications, then between the
/// connections that ask for one application. One site's flood, or its expensive requests,
/// cost that site.
///
/// Within a connection the oldest comes first, until it has waited half its time: then
/// there is more than can be done, and the newest comes first. Oldest first, each would
/// begin just before its time is up, and end after it. docs/decisions/0008 has the
/// figures.
///
/// Not thread-safe.
class FairQueue {
 public:
  using Clock = Job::Clock;

  /// What a job that has been taken is charged for.
  struct Charge {
    Origin origin;
    Served expected{0};
    bool in_line = false;  // it waited here
  };
  struct Taken {
    std::shared_ptr<Job> job;  ///< null: nothing waits that is worth beginning
    Charge charge;
  };
  enum class Heaviest : std::uint8_t { kByJobs, kByBytes };

  /// From receipt to answer, for jobs that come from now on.
  void set_time(Clock::duration time) noexcept { time_ = time; }

  void push(std::shared_ptr<Job> job);
  /// Jobs that would not end in time are left out, and forgotten.
  Taken take(Clock::time_point now);
  /// Makes room: gives up the oldest job of the heaviest connection of the heaviest
  /// application. Null: nothing waits.
  std::shared_ptr<Job> shed(Heaviest by);
  /// False: it does not wait here.
  bool remove(const Job& job);
  void clear();

  /// For a job that never waited here: what it is expected to cost its application.
  Charge begin(const Origin& origin);
  /// Once for every charge, when its job has ended.
  void settle(const Charge& charge, Served spent);

  [[nodiscard]] std::size_t jobs() const noexcept { return load_.jobs; }
  [[nodiscard]] std::size_t bytes() const noexcept { return load_.bytes; }

 private:
  struct Load {
    std::size_t jobs = 0;
    std::size_t bytes = 0;
  };
  /// What one connection wants inspected for one application.
  struct Line {
    std::deque<std::shared_ptr<Job>> jobs;  // oldest first
    Load load;
    Served served{0};
    std::size_t running = 0;
  };
  /// An application's.
  struct Share {
    std::unordered_map<std::uint64_t, Line> lines;  // that wait or run
    Turns<std::uint64_t> turns;
    Load load;
    Served served{0};
    Served typical{0};  // what a job took lately
  };

  std::shared_ptr<Job> take_from(Share& share, Clock::time_point now);
  static std::shared_ptr<Job> choose(Line& line, Clock::time_point now);
  void add(const Job& job, Line& line, Share& share);
  void subtract(const Job& job, Line& line, Share& share);
  void drop_if_done(Share& share, std::uint64_t connection);

  Clock::duration time_ = Clock::duration::max();
  std::unordered_map<std::uint32_t, Share> shares_;
  Turns<std::uint32_t> turns_;
  Load load_;
};

}  // namespace spoa::inspect
