// Tables of what must not be written down, and of what must stay readable.
#include "mask.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace spoa::report {
namespace {

using std::string_literals::operator""s;

struct Case {
  std::string_view text;
  std::string_view masked;
};

template <std::size_t N>
void expect_masked(const std::array<Case, N>& cases) {
  for (const Case& c : cases) EXPECT_EQ(mask_text(c.text), c.masked) << c.text;
}

TEST(MaskText, LeavesOrdinaryTextAlone) {
  for (const std::string_view text : {
           "",
           "/",
           "/index.php?page=../../../etc/passwd&x=1",
           "/search?q=1' or '1'='1",
           "Matched Data: etc/passwd found within ARGS:file: ../../etc/passwd",
           "Matched Data: <script> found within ARGS:q: <script>alert(1)</script>",
           "SQL Injection Attack: Common DB Names Detected",
           "Restricted SQL Character Anomaly Detection (cookies): # of special "
           "characters",
           "Possible Session Fixation Attack: Setting Cookie Values in HTML",
           "Inbound Anomaly Score Exceeded (Total Score: 15 - SQLI=15,XSS=0,SESS=0): "
           "individual",
           "Detects basic SQL authentication bypass attempts 1/3",
           "union select user,password from users--",
           "REQUEST_COOKIES:sid",
           "ARGS:password",
           "%zz%4%",
           "\\u00",
           "order=1234567890&when=2026-11-23",
       }) {
    EXPECT_EQ(mask_text(text), text);
  }
}

TEST(MaskText, HidesSecretParametersOfAUri) {
  expect_masked(std::array<Case, 14>{{
      {"/login?user=bob&password=hunter2", "/login?user=bob&password=***"},
      {"/login?password=hunter2&user=bob", "/login?password=***&user=bob"},
      {"/?PassWord=x&a=1", "/?PassWord=***&a=1"},
      {"/?pwd=x&token=y&a=1", "/?pwd=***&token=***&a=1"},
      {"/?api_key=x&access_token=y", "/?api_key=***&access_token=***"},
      {"/?client_secret=x", "/?client_secret=***"},
      {"/?user[password]=x&user[name]=bob", "/?user[password]=***&user[name]=bob"},
      {"/?user%5Bpassword%5D=x&b=1", "/?user%5Bpassword%5D=***&b=1"},
      {"/?p%61ssword=x&b=1", "/?p%61ssword=***&b=1"},
      {"/?p%2561ssword=x&b=1", "/?p%2561ssword=***&b=1"},
      {"/?next=%2Fa%3Fpassword%3Dx&b=1", "/?next=%2Fa%3Fpassword%3D***&b=1"},
      {"/?userPass=x&b=1", "/?userPass=***&b=1"},
      {"/?password=&b=1", "/?password=&b=1"},
      {"/a;jsessionid=0A1B2C?x=1", "/a;jsessionid=***"},
  }});
}

TEST(MaskText, TakesAnAmpersandInsideADecodedValueForItsPart) {
  EXPECT_EQ(mask_text("a=1&password=p&ss"), "a=1&password=***");
  EXPECT_EQ(mask_text("password=p&s&s&a=1"), "password=***&a=1");
}

TEST(MaskText, HidesValuesThatHoldBlanksAndLineBreaks) {
  EXPECT_EQ(mask_text("private_key=-----BEGIN\nabc\n-----END"), "private_key=***");
  EXPECT_EQ(mask_text("passphrase=correct horse battery&a=1"), "passphrase=***&a=1");
}

TEST(MaskText, HidesSecretKeysOfJson) {
  expect_masked(std::array<Case, 11>{{
      {R"({"user":"bob","password":"hunter2","a":1})",
       R"({"user":"bob","password":"***","a":1})"},
      {R"({"password" : "hun\"ter2", "a":1})", R"({"password" : "***", "a":1})"},
      {R"({"pin":1234,"a":1})", R"({"pin":***,"a":1})"},
      {R"({"tokens":["a","b"],"a":1})", R"({"tokens":***,"a":1})"},
      {R"({"secret":{"x":["}"]},"a":1})", R"({"secret":***,"a":1})"},
      {R"({\"password\":\"x\",\"a\":1})", R"({\"password\":\"***\",\"a\":1})"},
      {R"({"pass\u0077ord":"x"})", R"({"pass\u0077ord":"***"})"},
      {R"(%7B%22password%22%3A%22x%22%2C%22a%22%3A1)",
       R"(%7B%22password%22%3A%22***%22%2C%22a%22%3A1)"},
      {R"({'password':'x','a':1})", R"({'password':'***','a':1})"},
      {R"({"password":"cut off)", R"({"password":"***)"},
      {R"({"secret":{"x":["cut off)", R"({"secret":***)"},
  }});
}

TEST(MaskText, HidesSecretElementsOfXml) {
  expect_masked(std::array<Case, 4>{{
      {"<user>bob</user><password>x</password><a>1</a>",
       "<user>bob</user><password>***</password><a>1</a>"},
      {"<wsse:Password>x</wsse:Password>", "<wsse:Password>***</wsse:Password>"},
      {"<password type=\"t\">x</password>", "<password ***</password>"},
      {"<password>cut off", "<password>***"},
  }});
}

TEST(MaskText, HidesASecretPartOfAMultipartBody) {
  EXPECT_EQ(
      mask_text("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n"
                "hunter2\r\n--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nx"),
      "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n***\n--b\r\n"
      "Content-Disposition: form-data; name=\"q\"\r\n\r\nx");
}

TEST(MaskText, HidesHeaderLines) {
  expect_masked(std::array<Case, 6>{{
      {"Host: a\r\nCookie: sid=1; b=2\r\nAccept: x",
       "Host: a\r\nCookie: ***\r\nAccept: x"},
      {"authorization: Digest username=\"a\"", "authorization: ***"},
      {"Proxy-Authorization: x\nA: b", "Proxy-Authorization: ***\nA: b"},
      {"X-Api-Key: 12\nA: b", "X-Api-Key: ***\nA: b"},
      {"Set-Cookie: a=b; Path=/", "Set-Cookie: ***"},
      {"Cookie%3A%20sid%3D1", "Cookie%3A%20***"},
  }});
}

TEST(MaskText, KeepsTheNameOfACookie) {
  EXPECT_EQ(mask_text("REQUEST_COOKIES:sid=abc"), "REQUEST_COOKIES:sid=***");
  EXPECT_EQ(mask_text("x found within REQUEST_COOKIES:sid: a b"),
            "x found within REQUEST_COOKIES:sid: ***");
}

TEST(MaskText, HidesCredentialsKnownByTheirShape) {
  expect_masked(std::array<Case, 7>{{
      {"q=Bearer abcdefgh12345", "q=Bearer ***"},
      {"q=Basic+dXNlcjpwYXNz", "q=Basic+***"},
      {"x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig y", "x *** y"},
      {"u=http://bob:hunter2@example.org/a", "u=http://***@example.org/a"},
      {"u=https%3A%2F%2Fbob%3Ax%40example.org", "u=https%3A%2F%2F***%40example.org"},
      {"http://example.org/@me", "http://example.org/@me"},
      {"eyJ.x", "eyJ.x"},
  }});
}

// Dots once were no separators: a card number written with them reached the log.
TEST(MaskText, HidesCardNumbers) {
  expect_masked(std::array<Case, 13>{{
      {"4111111111111111", "***"},
      {"n=4111 1111 1111 1111&a=1", "n=***&a=1"},
      {"n=4111-1111-1111-1111.", "n=***."},
      {"n=4111+1111+1111+1111", "n=***"},
      {"n=4111.1111.1111.1111.", "n=***."},
      {"n=4111%201111%201111%201111", "n=***"},
      {"n=%34111111111111111", "n=***"},
      {"3782 822463 10005", "***"},         // 15 digits
      {"4222222222222", "***"},             // 13 digits
      {"6304000000000000000", "***"},       // 19 digits
      {"x12 4111111111111111", "x12 ***"},  // begins with the second group
      {"a4111111111111111b5500005555555559", "a***b***"},
      {"4111 - 1111 - 1111 - 1111", "4111 - 1111 - 1111 - 1111"},
  }});
}

TEST(MaskText, LeavesNumbersThatAreNoCards) {
  for (const std::string_view text : {
           "4111111111111112",      // wrong check digit
           "411111111111",          // 12 digits
           "41111111111111111111",  // 20 digits
           "4111.1111.1111.1112",
           "4111..1111...1111.1111",
           "192.0.2.7",
           "1 2 3",
       }) {
    EXPECT_EQ(mask_text(text), text);
  }
}

TEST(MaskText, TakesAnyBytes) {
  std::string bytes;
  for (int round = 0; round < 8; ++round) {
    for (int c = 255; c >= 0; --c) bytes.push_back(static_cast<char>(c));
  }
  EXPECT_FALSE(mask_text(bytes).empty());
  EXPECT_EQ(mask_text("a\0b"s), "a\0b"s);
}

// Each of these made a scan start over at every name, if the scan were not linear.
TEST(MaskText, CopesWithLongTextsMadeToBeSlow) {
  for (const std::string_view piece :
       {"password", "password=", "password&", "name=\"password\"", "<password ",
        "\"token\":[", "\"token\":\"\\", "://", "bearer ", "eyJ.", "4 ", "%25",
        "cookies:", "&="}) {
    std::string text;
    while (text.size() < 256 * 1024) text += piece;
    EXPECT_LE(mask_text(text).size(), 2 * text.size()) << piece;
  }
}

TEST(MaskAndCut, MasksBeforeItSaysThatItCut) {
  const std::string text = "password=" + std::string(5000, 'x');
  EXPECT_EQ(mask_and_cut(text, 4096), "password=***...[cut, 5009 bytes]");
}

TEST(MaskAndCut, LeavesNoHalfOfACardNumber) {
  const std::string text = "n=" + std::string(20, 'x') + "4111 1111 1111 1111 and more";
  for (std::size_t limit = 0; limit < text.size(); ++limit) {
    EXPECT_EQ(mask_and_cut(text, limit).find("4111"), std::string::npos) << limit;
  }
}

TEST(IsSecretName, KnowsSecretNamesInEverySpelling) {
  for (const std::string_view name : {"password",
                                      "PASSWORD",
                                      "passwd",
                                      "pwd",
                                      "pw",
                                      "pass",
                                      "userpass",
                                      "user_pass",
                                      "pin",
                                      "cardPin",
                                      "otp",
                                      "cvv",
                                      "secret",
                                      "client-secret",
                                      "token",
                                      "access_token",
                                      "api_key",
                                      "apikey",
                                      "X-Api-Key",
                                      "private.key",
                                      "Authorization",
                                      "Cookie",
                                      "Set-Cookie",
                                      "PHPSESSID",
                                      "sid",
                                      "session",
                                      "csrfmiddlewaretoken",
                                      "json.user.password",
                                      "X-Amz-Signature",
                                      "credentials[0]"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
}

TEST(IsSecretName, DoesNotTakeEveryWordForOne) {
  for (const std::string_view name :
       {"", "q", "user", "page", "passenger", "pinned", "opinion", "inside", "author",
        "authority", "signal", "option", "host", "expires", "keyword"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(IsSecretVariable, KnowsWhereSecretsAreKept) {
  for (const std::string_view variable :
       {"ARGS:password", "ARGS_POST:json.pwd", "REQUEST_COOKIES:x",
        "REQUEST_HEADERS:Cookie", "REQUEST_HEADERS:authorization",
        "TX:rfi_parameter_ARGS:token"}) {
    EXPECT_TRUE(is_secret_variable(variable)) << variable;
  }
  for (const std::string_view variable :
       {"", "ARGS:q", "ARGS_NAMES:password", "REQUEST_COOKIES_NAMES:sid",
        "REQUEST_HEADERS:User-Agent", "REQUEST_URI", "REQUEST_BODY"}) {
    EXPECT_FALSE(is_secret_variable(variable)) << variable;
  }
}

}  // namespace
}  // namespace spoa::report
