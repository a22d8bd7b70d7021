// Settings on their way from file and flags to a checked whole.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document.h"
#include "settings_file.h"
#include "spoa/settings.h"

namespace spoa::settings {

struct Draft {
  std::string file;  ///< empty: no settings file
  Settings settings;
  /// Where the file says what, by dotted path with real names:
  /// `applications.shop.rules.0`. A key that the file does not have, or that a flag
  /// replaced, is not here.
  std::map<std::string, Place, std::less<>> places;
  std::vector<Problem> problems;

  /// Adds a problem at the place of `path`; without a place it lies in the flags.
  void complain(std::string_view path, std::string text, std::string remedy);
  /// Adds a problem at a place of the file.
  void complain_at(Place place, std::string text, std::string remedy);
  /// Forgets the places of `path` and of what lies below it.
  void forget(std::string_view path);
  [[nodiscard]] bool has(std::string_view path) const { return places.contains(path); }
};

/// The most problems worth showing: beyond, the file is something else altogether.
inline constexpr std::size_t kMostProblems = 100;

/// Walks the document by the table: values into draft.settings, mistakes into problems.
void read_document(const Node& document, Draft& draft);

/// Puts the flags' values over the file's.
void apply_flags(const FlagValues& flags, Draft& draft);

/// What no value shows on its own: names that must exist, files that must be readable,
/// addresses taken twice.
void check_whole(Draft& draft);
/// Parts of it: the items of `listen`; whether rules files can be read.
void check_listen(Draft& draft);
void check_rules(Draft& draft);

/// Leaves the applications that name rules which can be read, with these rules.
void keep_readable_rules(Settings& settings);

/// Replaces what stands for something else: 0 workers, 0 as no limit, the default name,
/// what an item of `listen` leaves out.
void resolve(Settings& settings);

}  // namespace spoa::settings
