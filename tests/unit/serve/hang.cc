// Loaded in front of libmodsecurity: a library whose second load of rules, that of a
// reload, never ends. A disk that does not answer does the same.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>

#include <modsecurity/rules_set.h>

namespace modsecurity {

int RulesSet::loadFromUri(const char* uri) {
  static std::atomic<int> loads{0};
  while (loads > 0) ::pause();
  ++loads;
  using Real = int (*)(RulesSet*, const char*);
  static const auto real = reinterpret_cast<Real>(
      ::dlsym(RTLD_NEXT, "_ZN11modsecurity8RulesSet11loadFromUriEPKc"));
  return real(this, uri);
}

}  // namespace modsecurity
