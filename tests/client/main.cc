// spop-client: speaks SPOP to an agent from a command line. `--help` says how.
#include "session.h"

int main(int argc, char** argv) {
  const auto options = spop::parse(argc, argv);
  return options ? spop::run(*options) : options.error();
}
