// Loaded in front of libmodsecurity: a library that throws where a path begins with
// /explode. Nothing a request can hold makes libmodsecurity 3.0.9 throw, as far as
// anybody knows; the next version, or a rule of somebody's, may.
#include <dlfcn.h>

#include <stdexcept>
#include <string_view>

#include <modsecurity/transaction.h>

namespace modsecurity {

int Transaction::processURI(const char* uri, const char* method, const char* version) {
  if (std::string_view(uri).starts_with("/explode")) throw std::runtime_error("bang");
  using Real = int (*)(Transaction*, const char*, const char*, const char*);
  static const auto real = reinterpret_cast<Real>(
      ::dlsym(RTLD_NEXT, "_ZN11modsecurity11Transaction10processURIEPKcS2_S2_"));
  return real(this, uri, method, version);
}

}  // namespace modsecurity
