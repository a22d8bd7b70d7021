#include "hello.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "kv_list.h"

namespace spoa::decode {
namespace {

/// Everything the payload says, before any of it is judged.
struct Said {
  std::optional<std::string_view> versions;
  std::optional<std::uint64_t> max_frame_size;
  std::string_view capabilities;
  std::string_view engine_id;
  bool healthcheck = false;
};

void take(const Pair& pair, Said& said) noexcept {
  const auto* text = std::get_if<std::string_view>(&pair.value);
  if (pair.name == "max-frame-size") {
    said.max_frame_size = integer_of(pair.value);
  } else if (pair.name == "healthcheck") {
    const auto* yes = std::get_if<bool>(&pair.value);
    said.healthcheck = yes != nullptr && *yes;
  } else if (text == nullptr) {
    return;
  } else if (pair.name == "supported-versions") {
    said.versions = *text;
  } else if (pair.name == "capabilities") {
    said.capabilities = *text;
  } else if (pair.name == "engine-id") {
    said.engine_id = *text;
  }
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Takes the next item off a comma-separated list, without the blanks around it.
std::string_view next_item(std::string_view& list) noexcept {
  const std::size_t comma = std::min(list.find(','), list.size());
  std::string_view item = list.substr(0, comma);
  list.remove_prefix(std::min(comma + 1, list.size()));
  while (!item.empty() && is_blank(item.front())) item.remove_prefix(1);
  while (!item.empty() && is_blank(item.back())) item.remove_suffix(1);
  return item;
}

template <typename Predicate>
bool any_item(std::string_view list, Predicate matches) noexcept {
  while (!list.empty()) {
    if (matches(next_item(list))) return true;
  }
  return false;
}

bool covers_our_version(std::string_view version) noexcept {
  constexpr std::string_view kMajor = kSpopVersion.substr(0, 2);  // "2."
  if (!version.starts_with(kMajor) || version.size() == kMajor.size()) return false;
  const std::string_view minor = version.substr(kMajor.size());
  return std::all_of(minor.begin(), minor.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

Result<Hello, WireError> judge(const Said& said) noexcept {
  if (!said.versions) return WireError::kNoVersion;
  if (!any_item(*said.versions, covers_our_version))
    return WireError::kUnsupportedVersion;
  if (!said.max_frame_size) return WireError::kNoMaxFrameSize;
  if (*said.max_frame_size < kSmallestMaxFrameSize ||
      *said.max_frame_size > std::numeric_limits<std::uint32_t>::max()) {
    return WireError::kBadMaxFrameSize;
  }
  Hello hello;
  hello.max_frame_size = static_cast<std::uint32_t>(*said.max_frame_size);
  hello.pipelining = any_item(said.capabilities, [](std::string_view item) {
    return item == kCapabilityPipelining;
  });
  hello.healthcheck = said.healthcheck;
  hello.engine_id = said.engine_id;
  return hello;
}

}  // namespace

Result<Hello, WireError> read_hello(const Frame& frame) noexcept {
  if (frame.type != FrameType::kHaproxyHello) return WireError::kHelloExpected;
  Said said;
  const auto read =
      read_kv_list(frame, [&said](const Pair& pair) noexcept { take(pair, said); });
  if (!read) return read.error();
  return judge(said);
}

}  // namespace spoa::decode
