// Runs one fuzz target over files and folders, so that ordinary tests know its corpus
// too.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::cerr << "cannot read " << path << '\n';
    return false;
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  const std::string input = bytes.str();
  LLVMFuzzerTestOneInput(spoa::as_bytes(input).data(), input.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t done = 0;
  for (const fs::path path : std::vector<std::string>(argv + 1, argv + argc)) {
    std::error_code failure;
    std::vector<fs::path> files;
    if (fs::is_directory(path, failure)) {
      for (const auto& entry : fs::directory_iterator(path, failure)) {
        files.push_back(entry.path());
      }
    } else {
      files.push_back(path);
    }
    for (const fs::path& file : files) {
      if (!replay(file)) return 1;
      ++done;
    }
  }
  std::cout << done << " inputs\n";
  return done == 0 ? 1 : 0;  // an empty corpus proves nothing
}
