#include "engine.h"

#include <string_view>

#include <modsecurity/modsecurity.h>

#include "capture.h"

namespace spoa::inspect {

Engine::Engine() : modsecurity_(std::make_unique<modsecurity::ModSecurity>()) {
  modsecurity_->setConnectorInformation("spoa-modsecurity");
  // Without a callback the library writes every match to standard error.
  modsecurity_->setServerLogCb(Capture::on_log, modsecurity::RuleMessageLogProperty);
}

Engine::~Engine() = default;

namespace {

std::string ask_library() {
  // "ModSecurity v3.0.9 (Linux)"; the C function is in every version's ABI.
  modsecurity::ModSecurity* modsecurity = modsecurity::msc_init();
  const std::string_view who = modsecurity::msc_who_am_i(modsecurity);
  const std::size_t begin = who.find('v');
  std::string version(begin == std::string_view::npos
                          ? who
                          : who.substr(begin + 1, who.find(' ', begin) - begin - 1));
  modsecurity::msc_cleanup(modsecurity);
  return version;
}

}  // namespace

const std::string& library_version() {
  static const std::string version = ask_library();
  return version;
}

std::string header_version() { return MODSECURITY_VERSION; }

}  // namespace spoa::inspect
