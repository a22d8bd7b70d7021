// Transactions between their request's verdict and their response.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "accept/loop.h"
#include "generation.h"
#include "inspect/transaction.h"
#include "metrics.h"

namespace spoa::serve {

/// One shelf per application, shared by all connections: the response may come through
/// another one than the request did. Bounded by number and bytes, and by time. Each
/// transaction ends exactly once: given out by take(), or handed to Parts::end.
///
/// Loop thread only, so nothing is locked; running phase 5 and freeing, which take time,
/// is the business of the worker each transaction belongs to.
class HeldTransactions {
 public:
  struct Parts {
    accept::Loop& loop;
    Metrics& metrics;
    /// Takes a transaction that no response will continue.
    std::function<void(std::unique_ptr<inspect::Transaction>)> end;
  };

  struct Held {
    std::unique_ptr<inspect::Transaction> transaction;
    std::shared_ptr<const Generation> generation;
    const Application* application = nullptr;  ///< of `generation`
    std::uint64_t serial = 0;                  ///< of its request: grows as they come
  };

  explicit HeldTransactions(Parts parts);

  /// Keeps it for `responses.hold`. Of two of the same application and id the one whose
  /// request came first ends; above a limit of the application the oldest end.
  void put(Held held);

  /// The transaction of that application and id; `transaction` is null when there is
  /// none.
  Held take(std::string_view application, std::string_view id);

  /// Ends those of generations below `number`.
  void end_generations_below(std::uint64_t number);
  void end_all();

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Held held;
    Clock::time_point due;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;  // in the order of their time
  struct Shelf {
    explicit Shelf(AppMetrics& counters) : metrics(counters) {}
    AppMetrics& metrics;
    Entries entries;
    std::unordered_map<std::string_view, Entries::iterator> by_id;
    std::size_t bytes = 0;
  };

  void insert(Shelf& shelf, Held held);
  Shelf& shelf_of(const std::string& application);
  Held remove(Shelf& shelf, Entries::iterator entry);
  void end(Shelf& shelf, Entries::iterator entry, HoldEnd why);
  void sweep();
  void arm();

  Parts parts_;
  std::map<std::string, Shelf, std::less<>> shelves_;
  accept::Timer timer_;
  Clock::time_point armed_for_ = Clock::time_point::max();  // max: not armed
};

}  // namespace spoa::serve
