#include "values.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace spoa::settings {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Smallest first.
constexpr std::array<Unit, 4> kDurationUnits{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 4> kSizeUnits{
    {{"B", 1}, {"KiB", 1U << 10}, {"MiB", 1U << 20}, {"GiB", 1U << 30}}};
/// Far above every range, and far below where a sum could wrap.
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() / 2;

constexpr std::string_view kDurationRemedy =
    "write a whole number and a unit (ms, s, m, h), as in 400ms";
constexpr std::string_view kSizeRemedy =
    "write a whole number and a unit (B, KiB, MiB, GiB), as in 16KiB";
constexpr std::string_view kAddressRemedy =
    "write HOST:PORT, [V6]:PORT, unix:/PATH or systemd, as in 127.0.0.1:12345";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

Complaint complain(std::string_view what, std::string_view text,
                   std::string_view remedy) {
  return {fmt::format("{}: {}", what, shown(text)), std::string(remedy)};
}

/// The number at the start of `text`; `rest` is what follows it. Above kMost: kMost.
std::optional<std::uint64_t> leading_number(std::string_view text,
                                            std::string_view& rest) {
  std::uint64_t number = 0;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{} ? std::min(number, kMost) : kMost;
}

template <std::size_t N>
std::optional<std::uint64_t> scaled(std::uint64_t number, std::string_view unit,
                                    const std::array<Unit, N>& units) {
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    return number > kMost / known.factor ? kMost : number * known.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t number, const std::array<Unit, N>& units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) best = &unit;
  }
  return fmt::format("{}{}", number / best->factor, best->name);
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == '_';
         });
}

bool is_number_of_family(int family, std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, std::string(host).c_str(), ignored.data()) == 1;
}

bool is_host(std::string_view host) {
  // Digits and dots can only be meant as a number: 1.2.3 or 300.1.1.1 is a slip, not a
  // name.
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return numeric ? is_number_of_family(AF_INET, host) : is_host_name(host);
}

Result<Address, Complaint> parse_unix(std::string_view text, std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return complain("needs an absolute path after unix:", text, "write unix:/PATH");
  }
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kLongest) {
    return complain("has too long a path for a socket", text,
                    fmt::format("at most {} bytes after unix:", kLongest));
  }
  return Address{Address::Kind::kUnix, {}, 0, std::string(path)};
}

Result<std::uint16_t, Complaint> parse_port(std::string_view text,
                                            std::string_view port) {
  std::string_view rest;
  const auto number = leading_number(port, rest);
  if (!number || !rest.empty() || *number > 65535) {
    return complain("has no usable port", text, "end it with a port from 0 to 65535");
  }
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string clean(text.substr(0, kLongest));
  std::replace_if(
      clean.begin(), clean.end(),
      [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
  if (text.size() > kLongest) clean += "...";
  return clean;
}

Result<std::uint64_t, Complaint> parse_count(std::string_view text) {
  std::string_view rest;
  const auto number = leading_number(text, rest);
  if (!number || !rest.empty()) return complain("is not a whole number", text, "");
  return *number;
}

Result<std::chrono::milliseconds, Complaint> parse_duration(std::string_view text) {
  std::string_view unit;
  const auto number = leading_number(text, unit);
  if (!number) return complain("is not a duration", text, kDurationRemedy);
  if (unit.empty() && *number > 0) return complain("has no unit", text, kDurationRemedy);
  const auto ms = scaled(*number, unit.empty() ? "ms" : unit, kDurationUnits);
  if (!ms) return complain("is not a duration", text, kDurationRemedy);
  return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

Result<std::uint64_t, Complaint> parse_size(std::string_view text) {
  std::string_view unit;
  const auto number = leading_number(text, unit);
  if (!number) return complain("is not a size", text, kSizeRemedy);
  const auto bytes = scaled(*number, unit.empty() ? "B" : unit, kSizeUnits);
  if (!bytes) return complain("is not a size", text, kSizeRemedy);
  return *bytes;
}

Result<unsigned, Complaint> parse_mode(std::string_view text) {
  unsigned mode = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, mode, 8);
  if (text.size() != 4 || text.front() != '0' || parsed.ptr != end) {
    return complain("is not a mode", text, "write four octal digits, as in 0660");
  }
  return mode;
}

Result<Address, Complaint> parse_address(std::string_view text) {
  constexpr std::string_view kUnixPrefix = "unix:";
  if (text == "systemd") return Address{Address::Kind::kSystemd, {}, 0, {}};
  if (text.starts_with(kUnixPrefix))
    return parse_unix(text, text.substr(kUnixPrefix.size()));

  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return complain("is not an address", text, kAddressRemedy);
  }
  std::string_view host = text.substr(0, colon);
  if (host.empty() || host == "*") {
    return complain("names no host", text,
                    "write 0.0.0.0 for every IPv4 address, [::] for every IPv6 address");
  }
  const auto port = parse_port(text, text.substr(colon + 1));
  if (!port) return port.error();
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (is_number_of_family(AF_INET6, host)) {
      return Address{Address::Kind::kTcp, std::string(host), *port, {}};
    }
    return complain("is not an IPv6 address", text, kAddressRemedy);
  }
  if (host.find(':') != std::string_view::npos) {
    return complain("needs brackets around the IPv6 address", text,
                    "write [V6]:PORT, as in [::1]:12345");
  }
  if (!is_host(host)) return complain("is not an address", text, kAddressRemedy);
  return Address{Address::Kind::kTcp, std::string(host), *port, {}};
}

std::string duration_text(std::uint64_t milliseconds) {
  return in_largest_unit(milliseconds, kDurationUnits);
}

std::string size_text(std::uint64_t bytes) { return in_largest_unit(bytes, kSizeUnits); }

}  // namespace spoa::settings
