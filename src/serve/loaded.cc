#include "loaded.h"

#include <exception>
#include <string>
#include <utility>

namespace spoa::serve {
namespace {

void append(std::vector<Problem>& all, const std::vector<Problem>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

LoadResult read_and_load(const settings::Invocation& invocation, std::uint64_t number) {
  settings::Reading reading = settings::read_again(invocation);
  if (reading.problems.empty()) return load(std::move(reading.settings), number);
  append(reading.problems, problems_of(std::move(reading.settings)));
  return std::move(reading.problems);
}

}  // namespace

LoadResult load(Settings settings, std::uint64_t number) {
  Loaded loaded;
  std::vector<Problem> errors;
  std::vector<Problem> warnings;
  for (const Listen& listen : settings.listen) {
    auto& certificate = loaded.certificates.emplace_back();
    if (!listen.tls) continue;
    auto context = accept::TlsContext::load(*listen.tls);
    if (context) {
      certificate = std::move(*context);
      if (auto warning = certificate->ends_soon(*listen.tls)) {
        warnings.push_back(std::move(*warning));
      }
    } else {
      errors.push_back(context.error());
    }
  }
  auto generation = load_generation(settings, number, std::move(warnings));
  if (!generation) append(errors, generation.error());
  if (!errors.empty()) return errors;
  loaded.settings = std::move(settings);
  loaded.generation = std::move(*generation);
  return loaded;
}

LoadResult load_again(const settings::Invocation& invocation, std::uint64_t number) {
  try {
    return read_and_load(invocation, number);
  } catch (const std::exception& e) {
    return std::vector{unknown_failure(e.what())};
  } catch (...) {
    return std::vector{unknown_failure("the library does not say why")};
  }
}

std::vector<Problem> problems_of(Settings partial) {
  partial.listen.clear();  // what is in it may not be whole
  const auto loaded = load(std::move(partial), 1);
  return loaded ? std::vector<Problem>{} : loaded.error();
}

Problem unknown_failure(const char* what) {
  return {"", 0, 0, std::string("loading failed: ") + what,
          "try again; is there memory, and room for one more thread?"};
}

}  // namespace spoa::serve
