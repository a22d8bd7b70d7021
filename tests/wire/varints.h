// varints.txt: every edge of the encoding, for both directions.
#pragma once

#include "hex.h"

namespace wire {

struct VarintRow {
  std::uint64_t value;
  std::vector<std::uint8_t> bytes;
};

inline std::vector<VarintRow> varint_table() {
  std::ifstream file(std::string(SPOA_WIRE_DIR) + "/varints.txt");
  std::vector<VarintRow> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::uint64_t value = 0;
    std::string bytes;
    fields >> value >> bytes;
    rows.push_back({value, hex(bytes)});
  }
  if (rows.empty()) throw std::runtime_error("varints.txt has no rows");
  return rows;
}

}  // namespace wire
