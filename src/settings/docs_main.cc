// spoa-docs FILE: prints a document of docs/ with the settings' tables filled in.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "docs.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: spoa-docs FILE\n", stderr);
    return 64;
  }
  std::ifstream input(argv[1]);
  const std::string document{std::istreambuf_iterator<char>(input), {}};
  if (!input || document.empty()) {
    std::fprintf(stderr, "spoa-docs: cannot read %s\n", argv[1]);
    return 1;
  }
  const auto text = spoa::settings::filled(document);
  if (!text) {
    std::fprintf(stderr, "spoa-docs: %s: %s\n", argv[1], text.error());
    return 1;
  }
  return std::fputs(text->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}
