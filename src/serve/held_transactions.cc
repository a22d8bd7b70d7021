#include "held_transactions.h"

#include <algorithm>
#include <utility>

namespace spoa::serve {
namespace {

// So many may end in one turn of the loop; the next turn goes on.
constexpr int kEndsPerTurn = 256;

}  // namespace

HeldTransactions::HeldTransactions(Parts parts)
    : parts_(std::move(parts)), timer_(parts_.loop, [this] { sweep(); }) {}

void HeldTransactions::put(Held held) {
  const ResponseSettings& limits = held.application->profile->responses;
  Shelf& shelf = shelf_of(held.application->name);
  const auto same = shelf.by_id.find(held.transaction->request()->id);
  if (same != shelf.by_id.end() && same->second->held.serial > held.serial) {
    shelf.metrics.count_held_end(HoldEnd::kReplaced);
    parts_.end(std::move(held.transaction));
    return;
  }
  if (same != shelf.by_id.end()) end(shelf, same->second, HoldEnd::kReplaced);
  insert(shelf, std::move(held));
  while (!shelf.entries.empty() && (shelf.bytes > limits.store_bytes ||
                                    shelf.entries.size() > limits.transactions)) {
    end(shelf, shelf.entries.begin(), HoldEnd::kEvicted);
  }
  shelf.metrics.set_held(shelf.entries.size(), shelf.bytes);
  arm();
}

/// Almost always at the end; not after a reload that made `hold` shorter.
void HeldTransactions::insert(Shelf& shelf, Held held) {
  const auto due = Clock::now() + held.application->profile->responses.hold;
  auto after = shelf.entries.end();
  while (after != shelf.entries.begin() && std::prev(after)->due > due) --after;
  const std::size_t bytes = held.transaction->weight();
  const auto entry = shelf.entries.insert(after, {std::move(held), due, bytes});
  shelf.by_id.emplace(entry->held.transaction->request()->id, entry);
  shelf.bytes += bytes;
}

HeldTransactions::Held HeldTransactions::take(std::string_view application,
                                              std::string_view id) {
  const auto shelf = shelves_.find(application);
  if (shelf == shelves_.end()) return {};
  const auto found = shelf->second.by_id.find(id);
  if (found == shelf->second.by_id.end()) return {};
  if (found->second->due <= Clock::now()) return {};  // the sweep has not come to it yet
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
  auto first = Clock::time_point::max();
  for (const auto& [name, shelf] : shelves_) {
    if (!shelf.entries.empty()) first = std::min(first, shelf.entries.front().due);
  }
  if (first >= armed_for_) return;
  armed_for_ = first;
  timer_.start(std::chrono::duration_cast<std::chrono::microseconds>(
      std::max(first - Clock::now(), Clock::duration{0})));
}

void HeldTransactions::sweep() {
  armed_for_ = Clock::time_point::max();
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
