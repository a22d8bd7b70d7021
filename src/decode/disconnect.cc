#include "disconnect.h"

#include "kv_list.h"

namespace spoa::decode {

Result<Disconnect, WireError> read_disconnect(const Frame& frame) noexcept {
  Disconnect said;
  said.status_code = static_cast<std::uint64_t>(DisconnectCode::kUnknown);
  const auto read = read_kv_list(frame, [&said](const Pair& pair) noexcept {
    if (pair.name == "status-code") {
      said.status_code = integer_of(pair.value).value_or(said.status_code);
    } else if (pair.name == "message") {
      const auto* text = std::get_if<std::string_view>(&pair.value);
      if (text != nullptr) said.message = *text;
    }
  });
  if (!read) return read.error();
  return said;
}

}  // namespace spoa::decode
