// Reads a value's text into its place, as the table's row says.
#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "ascii.h"
#include "table.h"

namespace spoa::settings {
namespace {

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

std::optional<Complaint> out_of_range(std::uint64_t number, const Range& range,
                                      std::string_view text) {
  if (number < range.least) return Complaint{"is too small: " + shown(text), ""};
  if (number > range.most) return Complaint{"is too large: " + shown(text), ""};
  return std::nullopt;
}

template <typename T, typename Parsed, typename Convert>
std::optional<Complaint> store_number(T& place, const Setting& setting,
                                      std::string_view text, const Parsed& parsed,
                                      Convert number_of) {
  if (!parsed) return parsed.error();
  const auto number = static_cast<std::uint64_t>(number_of(*parsed));
  if (auto complaint = out_of_range(number, setting.range, text)) return complaint;
  place = T(*parsed);
  return std::nullopt;
}

/// Writes one value to a place of its type. What a row's kind means for a type of place.
struct Store {
  const Setting& setting;
  std::string_view text;

  std::optional<Complaint> add_media_type(std::vector<std::string>& types) const {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-/";
    const std::size_t slash = text.find('/');
    const bool one_slash = slash != text.npos && text.find('/', slash + 1) == text.npos;
    if (!one_slash || slash == 0 || slash + 1 == text.size() ||
        text.find_first_not_of(kAllowed) != text.npos) {
      return Complaint{"is no media type: " + shown(text),
                       "write TYPE/SUBTYPE without parameters, as in text/html"};
    }
    std::string& type = types.emplace_back(text);
    std::transform(type.begin(), type.end(), type.begin(), to_lower);
    return std::nullopt;
  }

  std::optional<Complaint> operator()(Address* place) const {
    auto address = parse_address(text);
    if (!address) return address.error();
    *place = std::move(*address);
    return std::nullopt;
  }

  std::optional<Complaint> operator()(std::vector<Listen>* place) const {
    auto address = parse_address(text);
    if (!address) return address.error();
    place->push_back({std::move(*address), {}, {}, {}});
    return std::nullopt;
  }

  std::optional<Complaint> operator()(std::optional<unsigned>* place) const {
    const auto mode = parse_mode(text);
    if (!mode) return mode.error();
    *place = *mode;
    return std::nullopt;
  }

  std::optional<Complaint> operator()(std::chrono::milliseconds* place) const {
    return store_number(*place, setting, text, parse_duration(text),
                        [](std::chrono::milliseconds ms) { return ms.count(); });
  }

  template <typename T>
  std::optional<Complaint> operator()(T* place) const requires std::is_unsigned_v<T> {
    const auto parsed =
        setting.kind == Kind::kSize ? parse_size(text) : parse_count(text);
    return store_number(*place, setting, text, parsed, [](std::uint64_t n) { return n; });
  }

  std::optional<Complaint> operator()(std::string* place) const {
    if (setting.kind == Kind::kName || setting.kind == Kind::kWord) {
      if (auto complaint = complain_about_name(text)) return complaint;
    }
    *place = text;
    return std::nullopt;
  }

  std::optional<Complaint> operator()(std::vector<std::string>* place) const {
    if (setting.kind == Kind::kMediaTypes) return add_media_type(*place);
    place->emplace_back(text);
    return std::nullopt;
  }

  std::optional<Complaint> operator()(bool* place) const {
    if (text != "true" && text != "false") {
      return Complaint{"has no such choice: " + shown(text), ""};
    }
    *place = text == "true";
    return std::nullopt;
  }

  template <typename T>
  std::optional<Complaint> store(T& place, Result<T, Complaint> parsed) const {
    if (!parsed) return parsed.error();
    place = std::move(*parsed);
    return std::nullopt;
  }
  std::optional<Complaint> operator()(std::vector<RatePhase>* place) const {
    return store(*place, parse_rates(text));
  }
  std::optional<Complaint> operator()(MixWeights* place) const {
    return store(*place, parse_mix(text));
  }

  template <typename T>
  std::optional<Complaint> operator()(T* place) const requires std::is_enum_v<T> {
    const auto word = std::find(setting.words.begin(), setting.words.end(), text);
    if (word == setting.words.end()) {
      return Complaint{"has no such choice: " + shown(text), ""};
    }
    *place = static_cast<T>(word - setting.words.begin());
    return std::nullopt;
  }
};

std::string joined_words(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i] == "-" ? "\"-\"" : std::string(words[i]);
  }
  return text;
}

}  // namespace

std::optional<Complaint> complain_about_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  if (!name.empty() && name.size() <= kLongest &&
      name.find_first_not_of(kAllowed) == std::string_view::npos) {
    return std::nullopt;
  }
  return Complaint{"is not a usable name: " + shown(name),
                   "letters, digits, _ . - are allowed; 1 to 64 of them"};
}

std::optional<Complaint> assign(const Setting& setting, std::string_view text,
                                Slot slot) {
  std::optional<Complaint> complaint;
  if (text.empty()) {
    complaint = Complaint{"is empty", ""};
  } else if (has_control_character(text)) {
    complaint = Complaint{"holds a control character: " + shown(text), ""};
  } else if (text.front() == ' ' || text.back() == ' ') {
    // yaml-cpp takes a quote that is never closed, and ends its text with a space.
    complaint = Complaint{"begins or ends with a space: " + shown(text),
                          "remove the space; is a closing quote missing?"};
  } else {
    complaint = std::visit(Store{setting, text}, slot);
  }
  if (complaint && complaint->remedy.empty()) {
    complaint->remedy = "allowed: " + allowed(setting);
  }
  return complaint;
}

void clear(Slot slot) {
  if (auto** listen = std::get_if<std::vector<Listen>*>(&slot)) (*listen)->clear();
  if (auto** files = std::get_if<std::vector<std::string>*>(&slot)) (*files)->clear();
}

std::string allowed(const Setting& setting) {
  constexpr std::string_view kAddress = "HOST:PORT, [V6]:PORT, unix:/PATH or systemd";
  const auto [least, most] = setting.range;
  switch (setting.kind) {
    case Kind::kAddress:
      return std::string(kAddress);
    case Kind::kAddresses:
      return fmt::format("one or a list of {}", kAddress);
    case Kind::kCount:
      return fmt::format("{} to {}", least, most);
    case Kind::kDuration:
      return fmt::format("{} to {}", duration_text(least), duration_text(most));
    case Kind::kSize:
      return fmt::format("{} to {}", size_text(least), size_text(most));
    case Kind::kChoice:
      return joined_words(setting.words);
    case Kind::kOutput:
      return setting.words.size() > 1 ? "a file, " + joined_words(setting.words)
                                      : "a file or " + joined_words(setting.words);
    case Kind::kFile:
      return "a file";
    case Kind::kFiles:
      return "one file or a list of files";
    case Kind::kMode:
      return "four octal digits, 0000 to 0777";
    case Kind::kGroup:
      return "the name or the number of a group";
    case Kind::kName:
      return "the name of an application";
    case Kind::kMediaTypes:
      return "one media type or a list of them, as in text/html";
    case Kind::kWord:
      return "letters, digits, _ . -; 1 to 64 of them";
    case Kind::kSwitch:
      return "no value";
    case Kind::kRates:
      return "N, or N:DURATION,N:DURATION,... with N from 0 to 1000000 a second";
    case Kind::kMix:
      return fmt::format("KIND or KIND:WEIGHT, joined by commas, of {}",
                         fmt::join(kRequestKindNames, ", "));
  }
  return {};
}

}  // namespace spoa::settings
