// Input: a settings file. It is read or refused with places and texts; nothing is thrown,
// and the same bytes give the same answer.
#include "settings/settings_file.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml = spoa::as_text({data, size});
  const auto first = spoa::settings::read_settings(yaml, "settings.yaml");
  const auto second = spoa::settings::read_settings(yaml, "settings.yaml");
  fuzz::require(first.has_value() == second.has_value(),
                "the same bytes, the same outcome");
  if (first) {
    fuzz::require(
        !first->applications.empty() && !first->listen.empty() && first->workers > 0,
        "settings that pass are whole");
    return 0;
  }
  fuzz::require(!first.error().empty(), "a refusal says why");
  fuzz::require(first.error() == second.error(), "the same bytes, the same problems");
  for (const spoa::Problem& problem : first.error()) {
    fuzz::require(!problem.text.empty(), "a problem has a text");
  }
  return 0;
}
