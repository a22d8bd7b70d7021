// libmodsecurity's own object, and which version of the library this is.
#pragma once

#include <memory>
#include <string>

namespace modsecurity {
class ModSecurity;
}

namespace spoa::inspect {

/// One `ModSecurity` object. Each worker has its own: it holds the persistent collections
/// (`ip.*`, `global.*`, ...), which 3.0.9 reads without a lock and crashes over when
/// shared.
///
/// Make and destroy all engines on one thread, and destroy them only when the process
/// ends: the library's destructor cleans up libxml2 and curl for everybody.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] modsecurity::ModSecurity* get() const noexcept {
    return modsecurity_.get();
  }

 private:
  std::unique_ptr<modsecurity::ModSecurity> modsecurity_;
};

/// `3.0.9`: the library this process runs with. Ask first before any rules are loaded:
/// the first call makes and destroys a ModSecurity object, and with it libxml2's state
/// and the GeoIP database.
const std::string& library_version();
/// `3.0.9`: the headers this program was built with. The library's ABI changes under one
/// SONAME: when the two differ, nothing may be called, and the program must not start.
std::string header_version();

}  // namespace spoa::inspect
