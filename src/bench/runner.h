// One run: sends the questions when they are due, and counts what comes of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "link.h"
#include "poller.h"
#include "schedule.h"
#include "spoa/bench_settings.h"
#include "spoa/result.h"
#include "stock.h"
#include "tally.h"

namespace spoa::bench {

/// Single-threaded; use it once.
class Runner : public LinkListener {
 public:
  /// All must outlive it. `endpoints` is not empty.
  Runner(const BenchSettings& settings, const std::vector<Endpoint>& endpoints,
         Stock& stock);

  /// Connects, warms up, measures, waits for the last answers, and disconnects. SIGINT
  /// and SIGTERM end the measuring early; a second one ends the waiting, too. Error: why
  /// it could not begin.
  Result<Measurement, std::string> run();

 private:
  using Clock = Poller::Clock;
  using Time = std::chrono::nanoseconds;  ///< from the beginning of the warm-up

  struct Place {
    std::unique_ptr<Link> link;
    std::uint32_t share = 0;  ///< closed loop: questions under way at once
    bool was_ready = false;
    bool touched = false;
    Time retry_at{0};
  };
  /// A request of an open loop that is due, but found no connection with room yet.
  struct Waiting {
    Flight flight;
    const Question* question;
  };
  /// When to give up a request under way.
  struct Expiry {
    Time due;
    std::uint32_t place;
    std::uint64_t opened;
    std::uint64_t number;
  };

  void on_answer(const Flight& flight, Answer answer) override;
  void on_lost(const Flight& flight) override;

  std::string connect_all();
  std::string why_not_ready() const;
  void open(std::uint32_t place);
  void reopen();
  void note_state(std::uint32_t place);

  void begin();
  void turn();
  void offer_scheduled();
  void send_waiting();
  void top_up(std::uint32_t place);
  void end_offering(Time at);
  void expire();
  void goodbye();

  std::optional<std::uint32_t> next_place();
  void send(std::uint32_t place, const Question& question, const Flight& flight);
  void touch(std::uint32_t place);
  void handle_events(Time until);
  [[nodiscard]] Time next_wake() const;
  [[nodiscard]] Time now() const { return Clock::now() - origin_; }
  [[nodiscard]] bool is_open() const noexcept { return !settings_.rate.empty(); }
  [[nodiscard]] std::string name_next_id();
  [[nodiscard]] Flight made(Time due, int phase, std::size_t kind);
  template <typename Do>
  void in_tallies(const Flight& flight, Do act);

  const BenchSettings& settings_;
  const std::vector<Endpoint>& endpoints_;
  std::size_t endpoint_ = 0;  ///< the one that works
  Stock& stock_;
  Poller poller_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint32_t> down_;
  std::uint32_t cursor_ = 0;

  Clock::time_point origin_ = Clock::now();
  Time now_{0};  ///< of the latest look at the clock
  std::optional<Schedule> schedule_;
  std::optional<Due> head_;
  std::deque<Waiting> waiting_;
  std::deque<Expiry> expiries_;
  Time warm_at_{0};
  Time end_at_{0};
  bool offering_ = false;
  bool measuring_ = false;
  std::uint64_t outstanding_ = 0;
  Time cpu_before_{0};
  std::string id_head_;
  std::uint64_t ids_ = 0;
  Measurement measured_;
};

}  // namespace spoa::bench
