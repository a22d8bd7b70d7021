// Whose turn it is: start-time fair queueing (Goyal, Vin, Cheng 1996).
#pragma once

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace spoa::inspect {

/// Worker time that one party has had. Who comes after a rest starts level with the
/// others: nobody saves up.
using Served = std::chrono::microseconds;

/// The parties with something to do, the one that has had the least first. Each keeps its
/// own Served, and gives it to every call. Not thread-safe.
template <typename Key>
class Turns {
 public:
  [[nodiscard]] bool empty() const noexcept { return order_.empty(); }
  void enter(Key key, Served& served) {
    served = std::max(served, now_);
    order_.emplace(served, key);
  }
  void leave(Key key, Served served) { order_.erase({served, key}); }
  /// Not of an empty one.
  Key next() {
    now_ = order_.begin()->first;
    return order_.begin()->second;
  }
  /// `more` may be negative: less was needed than had been thought.
  void charge(Key key, Served& served, Served more) {
    const bool waits = order_.erase({served, key}) > 0;
    served += more;
    if (waits) order_.emplace(served, key);
  }

 private:
  std::set<std::pair<Served, Key>> order_;
  Served now_{0};  // what the last one had when its turn came
};

}  // namespace spoa::inspect
