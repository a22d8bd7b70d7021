// Which names are secret.
#include <algorithm>
#include <array>
#include <string>

#include "mask.h"
#include "mask_units.h"

namespace spoa::report {
namespace {

using namespace std::string_view_literals;

/// Anywhere in the name, once only its letters and digits are left.
constexpr std::array kSecretParts{
    "password"sv,   "passwd"sv,     "passwort"sv,   "passphrase"sv,    "passcode"sv,
    "passkey"sv,    "pwd"sv,        "kennwort"sv,   "motdepasse"sv,    "contrasena"sv,
    "senha"sv,      "secret"sv,     "token"sv,      "apikey"sv,        "accesskey"sv,
    "privatekey"sv, "authkey"sv,    "credential"sv, "authorization"sv, "authorisation"sv,
    "signature"sv,  "cookie"sv,     "sessionid"sv,  "sessid"sv,        "csrf"sv,
    "xsrf"sv,       "creditcard"sv, "cardnumber"sv, "ccnumber"sv,      "securitycode"sv,
};

/// A whole word of the name: `user_pw`, `userPin`, `card[cvv]`.
constexpr std::array kSecretWords{
    "pw"sv,  "pin"sv, "otp"sv,  "cvv"sv,     "cvv2"sv, "cvc"sv,
    "csc"sv, "sid"sv, "auth"sv, "session"sv, "sig"sv,  "jwt"sv,
};

bool is_secret_word(std::string_view word) noexcept {
  return word.ends_with("pass") ||
         std::find(kSecretWords.begin(), kSecretWords.end(), word) != kSecretWords.end();
}

/// Lower-case letters and digits of `name`; a blank wherever a word ends.
std::string words_of(std::string_view name) {
  std::string words;
  words.reserve(name.size() * 2);
  char before = ' ';
  for (const char c : name) {
    const bool starts_word =
        to_lower(c) != c && to_lower(before) == before && is_letter(before);
    if (starts_word) words.push_back(' ');
    words.push_back(is_letter(c) || is_digit(c) ? to_lower(c) : ' ');
    before = c;
  }
  return words;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string words = words_of(name);
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (is_secret_word(std::string_view(words).substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  words.erase(std::remove(words.begin(), words.end(), ' '), words.end());
  return std::any_of(
      kSecretParts.begin(), kSecretParts.end(),
      [&](std::string_view part) { return words.find(part) != std::string::npos; });
}

bool is_secret_variable(std::string_view variable) {
  const std::string_view collection = variable.substr(0, variable.find(':'));
  return !collection.ends_with("_NAMES") && is_secret_name(variable);
}

}  // namespace spoa::report
