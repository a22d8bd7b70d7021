// Bytes written so that people can read them: the golden frames of this folder, and short
// ones inside tests.
//
//   # a comment, to the end of the line
//   0000000a 03            pairs of hexadecimal digits, grouped as you like
//   12 "supported-versions"  text between quotes stands for its bytes
//   5a*300                 the last byte of the group, so many times
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wire {

/// Reads the notation above. A mistake in it is a mistake of the test's: it throws.
class HexParser {
 public:
  explicit HexParser(std::string_view text) : text_(text) {}

  std::vector<std::uint8_t> parse() {
    while (!text_.empty()) {
      const char c = text_.front();
      if (c == ' ' || c == '\n' || c == '\t') {
        text_.remove_prefix(1);
      } else if (c == '#') {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      } else if (c == '"') {
        quoted();
      } else if (c == '*') {
        repeated();
      } else {
        pair();
      }
    }
    return bytes_;
  }

 private:
  void quoted() {
    const std::size_t end = text_.find('"', 1);
    if (end == std::string_view::npos) fail("a quote that does not end");
    for (const char c : text_.substr(1, end - 1)) {
      bytes_.push_back(static_cast<std::uint8_t>(c));
    }
    text_.remove_prefix(end + 1);
  }

  void repeated() {
    const std::size_t end = std::min(text_.find_first_of(" \n\t#"), text_.size());
    const std::string count(text_.substr(1, end - 1));
    if (bytes_.empty() || count.empty()) fail("nothing to repeat, or no count");
    bytes_.insert(bytes_.end(), std::stoul(count) - 1, std::uint8_t{bytes_.back()});
    text_.remove_prefix(end);
  }

  void pair() {
    if (text_.size() < 2) fail("half a byte");
    bytes_.push_back(static_cast<std::uint8_t>(digit(text_[0]) << 4 | digit(text_[1])));
    text_.remove_prefix(2);
  }

  static unsigned digit(char c) {
    const std::size_t value =
        std::string_view("0123456789abcdef0123456789ABCDEF").find(c);
    if (value == std::string_view::npos) fail(std::string("no hexadecimal digit: ") + c);
    return static_cast<unsigned>(value % 16);
  }

  [[noreturn]] static void fail(const std::string& why) { throw std::runtime_error(why); }

  std::string_view text_;
  std::vector<std::uint8_t> bytes_;
};

inline std::vector<std::uint8_t> hex(std::string_view text) {
  return HexParser(text).parse();
}

#ifdef SPOA_WIRE_DIR
/// The bytes of tests/wire/NAME.hex.
inline std::vector<std::uint8_t> golden(const std::string& name) {
  const std::string path = std::string(SPOA_WIRE_DIR) + "/" + name + ".hex";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return hex(text.str());
}
#endif

}  // namespace wire
