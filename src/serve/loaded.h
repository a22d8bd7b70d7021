// What a start or a reload reads, checks and loads, before any of it is in force.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "accept/tls.h"
#include "generation.h"
#include "settings/invocation.h"
#include "spoa/result.h"
#include "spoa/settings.h"

namespace spoa::serve {

/// Whole and checked.
struct Loaded {
  Settings settings;
  std::unique_ptr<const Generation> generation;
  /// One for each item of `settings.listen`; null where it has no TLS.
  std::vector<std::shared_ptr<const accept::TlsContext>> certificates;
};
using LoadResult = Result<Loaded, std::vector<Problem>>;

/// Loads the rules and the certificates of these settings. Any thread; takes a moment.
/// Errors: all that were found.
LoadResult load(Settings settings, std::uint64_t number);

/// The same with the settings read anew; wrong settings do not hide what is wrong with
/// the rules. Whatever is thrown becomes an error, too.
LoadResult load_again(const settings::Invocation& invocation, std::uint64_t number);

/// What is wrong with the rules and certificates of settings that could not be read
/// whole.
std::vector<Problem> problems_of(Settings partial);

/// A failure without a place in a file.
Problem unknown_failure(const char* what);

}  // namespace spoa::serve
