#include "held_transactions.h"

#include <algorithm>
#include <utility>

namespace spoa::serve {
namespace {

// Measured with CRS 3.3.4 (docs/decisions/0006): what a transaction takes without a body,
// and how often the library keeps a body's bytes.
constexpr std::size_t kBytesEach = 64UL * 1024;
constexpr std::size_t kTimesSent = 12;
// So many may end in one turn of the loop; the next turn goes on.
constexpr int kEndsPerTurn = 256;

std::size_t weigh(const inspect::Transaction& transaction) {
  return kBytesEach + kTimesSent * transaction.request()->payload.size();
}

}  // namespace

HeldTransactions::HeldTransactions(Parts parts)
    : parts_(std::move(parts)), timer_(parts_.loop, [this] { sweep(); }) {}

void HeldTransactions::put(Held held) {
  const ResponseSettings& limits = held.application->profile->responses;
  Shelf& shelf = shelf_of(held.application->name);
  const std::string_view id = held.transaction->request()->id;
  if (const auto same = shelf.by_id.find(id); same != shelf.by_id.end()) {
    end(shelf, same->second, HoldEnd::kReplaced);
  }
  const std::size_t bytes = weigh(*held.transaction);
  shelf.entries.push_back({std::move(held), Clock::now() + limits.hold, bytes});
  shelf.by_id.emplace(id, std::prev(shelf.entries.end()));
  shelf.bytes += bytes;
  while (!shelf.entries.empty() && (shelf.bytes > limits.store_bytes ||
                                    shelf.entries.size() > limits.transactions)) {
    end(shelf, shelf.entries.begin(), HoldEnd::kEvicted);
  }
  shelf.metrics.set_held(shelf.entries.size(), shelf.bytes);
  arm();
}

HeldTransactions::Held HeldTransactions::take(std::string_view application,
                                              std::string_view id) {
  const auto shelf = shelves_.find(application);
  if (shelf == shelves_.end()) return {};
  const auto found = shelf->second.by_id.find(id);
  if (found == shelf->second.by_id.end()) return {};
  return remove(shelf->second, found->second);
}

void HeldTransactions::end_generations_below(std::uint64_t number) {
  for (auto& [name, shelf] : shelves_) {
    for (auto entry = shelf.entries.begin(); entry != shelf.entries.end();) {
      const auto current = entry++;
      if (current->held.generation->number < number) {
        end(shelf, current, HoldEnd::kReload);
      }
    }
  }
}

void HeldTransactions::end_all() {
  for (auto& [name, shelf] : shelves_) {
    while (!shelf.entries.empty()) end(shelf, shelf.entries.begin(), HoldEnd::kDrain);
  }
}

HeldTransactions::Shelf& HeldTransactions::shelf_of(const std::string& application) {
  const auto found = shelves_.find(application);
  if (found != shelves_.end()) return found->second;
  return shelves_.try_emplace(application, parts_.metrics.app(application)).first->second;
}

HeldTransactions::Held HeldTransactions::remove(Shelf& shelf, Entries::iterator entry) {
  Held held = std::move(entry->held);
  shelf.by_id.erase(held.transaction->request()->id);
  shelf.bytes -= entry->bytes;
  shelf.entries.erase(entry);
  shelf.metrics.set_held(shelf.entries.size(), shelf.bytes);
  return held;
}

void HeldTransactions::end(Shelf& shelf, Entries::iterator entry, HoldEnd why) {
  shelf.metrics.count_held_end(why);
  parts_.end(remove(shelf, entry).transaction);
}

void HeldTransactions::arm() {
  if (armed_) return;
  auto first = Clock::time_point::max();
  for (const auto& [name, shelf] : shelves_) {
    if (!shelf.entries.empty()) first = std::min(first, shelf.entries.front().due);
  }
  if (first == Clock::time_point::max()) return;
  armed_ = true;
  timer_.start(std::chrono::duration_cast<std::chrono::microseconds>(
      std::max(first - Clock::now(), Clock::duration{0})));
}

void HeldTransactions::sweep() {
  armed_ = false;
  int left = kEndsPerTurn;
  const auto now = Clock::now();
  for (auto& [name, shelf] : shelves_) {
    while (left > 0 && !shelf.entries.empty() && shelf.entries.front().due <= now) {
      end(shelf, shelf.entries.begin(), HoldEnd::kExpired);
      --left;
    }
  }
  arm();
}

}  // namespace spoa::serve
