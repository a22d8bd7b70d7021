#include "complete.h"

#include <array>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spoa::inspect {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::size_t kDepth = 128;

std::string whole(std::string_view cut, const std::optional<Completion>& completion) {
  if (!completion) return "(malformed)";
  return std::string(cut.substr(0, completion->kept)) + completion->ending;
}

std::string json(std::string_view cut) { return whole(cut, complete_json(cut, kDepth)); }
std::string xml(std::string_view cut) { return whole(cut, complete_xml(cut)); }
std::string multipart(std::string_view cut) {
  return whole(cut, complete_multipart(cut, "bound"));
}
std::string form(std::string_view cut) { return whole(cut, complete_form(cut)); }

TEST(CompleteJson, KeepsWhatATokenSaidAndClosesIt) {
  EXPECT_EQ(json(R"({"a":"x)"), R"({"a":"x"})");
  EXPECT_EQ(json(R"({"a":[1,{"b":tr)"), R"({"a":[1,{"b":true}]})");
  EXPECT_EQ(json(R"({"key)"), R"({"key":null})");
  EXPECT_EQ(json(R"({"key")"), R"({"key":null})");
  EXPECT_EQ(json(R"({"key":)"), R"({"key":null})");
  EXPECT_EQ(json("[12"), "[12]");
  EXPECT_EQ(json("n"), "null");
  EXPECT_EQ(json(" \n"), " \nnull");
  EXPECT_EQ(json(R"("text)"), R"("text")");
}

TEST(CompleteJson, LeavesOutWhatSaysNothing) {
  EXPECT_EQ(json("[1, "), "[1]");
  EXPECT_EQ(json(R"({"a":1 , )"), R"({"a":1 })");
  EXPECT_EQ(json("[-"), "[]");
  EXPECT_EQ(json("[1,-"), "[1]");
  EXPECT_EQ(json(R"({"a":-)"), R"({"a":null})");
  EXPECT_EQ(json("[1."), "[1]");
  EXPECT_EQ(json("[1.5e+"), "[1.5]");
  EXPECT_EQ(json(R"(["a\)"), R"(["a"])");
  EXPECT_EQ(json(R"(["a\u00e)"), R"(["a"])");
  EXPECT_EQ(json(R"(["a\\)"), R"(["a\\"])");
  EXPECT_EQ(json("[\"a\xe2\x82"), "[\"a\"]");
  EXPECT_EQ(json(R"(["a\ud83d)"), R"(["a"])") << "half of a pair";
  EXPECT_EQ(json(R"(["a\ud83d\ude)"), R"(["a"])");
  EXPECT_EQ(json(R"(["a\ud83d\ude00)"), R"(["a\ud83d\ude00"])");
}

TEST(CompleteJson, RefusesWhatWasMalformedBeforeTheCut) {
  for (const std::string_view cut :
       {"{a", "[1 2", "[1,,", "{\"a\" 1", "[01", "{\"a\":1]", "]", "[1]x", "tru3", "[+1",
        "[1.x", "{,", "[\"\\x", "[\"\\u12g", "[\"\xff", "[\"\xe2\x28", "[\"\n", "<a>"}) {
    EXPECT_EQ(json(cut), "(malformed)") << cut;
  }
}

TEST(CompleteJson, NestsAsDeepAsIsAllowedAndNoDeeper) {
  EXPECT_EQ(json(std::string(kDepth, '[')),
            std::string(kDepth, '[') + std::string(kDepth, ']'));
  EXPECT_EQ(json(std::string(kDepth + 1, '[')), "(malformed)");
}

TEST(CompleteJson, MakesEveryPrefixOfADocumentParse) {
  const std::string document =
      R"( {"user":{"name":"Zoë \"Q\" \u20ac \ud83d\ude00 \\","age":-12.5e+3,"tags":["a","b",)"
      "\n\t"
      R"([],{}, [ [true,false , null] ] ],"":0,"x":{"y":{}}},"end":"日本語"} )";
  ASSERT_TRUE(nlohmann::json::accept(document));
  for (std::size_t length = 0; length <= document.size(); ++length) {
    const auto cut = std::string_view(document).substr(0, length);
    const auto completion = complete_json(cut, kDepth);
    ASSERT_TRUE(completion) << cut;
    const std::string made = whole(cut, completion);
    EXPECT_TRUE(nlohmann::json::accept(made)) << cut << " -> " << made;
    EXPECT_LE(length - completion->kept, 11U) << cut;
    EXPECT_EQ(json(made), made) << "what is whole stays as it is";
  }
}

TEST(CompleteXml, ClosesWhatIsOpen) {
  EXPECT_EQ(xml("<a><b>text"), "<a><b>text</b></a>");
  EXPECT_EQ(xml("<a><b>text</"), "<a><b>text</b></a>");
  EXPECT_EQ(xml("<a><b>text</b"), "<a><b>text</b></a>");
  EXPECT_EQ(xml("<a x='1' y=\"<two"), "<a x='1' y=\"<two\"/>");
  EXPECT_EQ(xml("<a x='1' lon"), "<a x='1' />");
  EXPECT_EQ(xml("<a x='1' y = "), "<a x='1' />");
  EXPECT_EQ(xml("<a/"), "<a/>");
  EXPECT_EQ(xml("<a><nam"), "<a><nam/></a>");
  EXPECT_EQ(xml("<a><"), "<a></a>");
  EXPECT_EQ(xml("<a>Tom &am"), "<a>Tom </a>");
  EXPECT_EQ(xml("<a>Tom &#x2"), "<a>Tom </a>");
  EXPECT_EQ(xml("<a>1 &amp; 2"), "<a>1 &amp; 2</a>");
  EXPECT_EQ(xml("<a>caf\xc3"), "<a>caf</a>");
  EXPECT_EQ(xml("<a><!-- note -"), "<a><!-- note --></a>");
  EXPECT_EQ(xml("<a><!-- note --"), "<a><!-- note --></a>");
  EXPECT_EQ(xml("<a><![CDATA[x]"), "<a><![CDATA[x]]]></a>");
  EXPECT_EQ(xml("<a><![CDA"), "<a></a>");
  EXPECT_EQ(xml("<a><?pi da"), "<a><?pi da?></a>");
  EXPECT_EQ(xml("<a><?pi da?"), "<a><?pi da?></a>");
  EXPECT_EQ(xml("<a/>\n<!-- end"), "<a/>\n<!-- end-->");
}

TEST(CompleteXml, GivesADocumentARootWhenItsOwnHadNotCome) {
  EXPECT_EQ(xml(""), "<cut/>");
  EXPECT_EQ(xml("<?xml versi"), "<cut/>");
  EXPECT_EQ(xml("<?xml version='1.0'?>\n"), "<?xml version='1.0'?>\n<cut/>");
  EXPECT_EQ(xml("<!DOCTYPE a SYSTEM 'x>"), "<cut/>");
  EXPECT_EQ(xml("<!DOCTYPE a [ <!ENTITY x 'y'> <!ENTITY z '"),
            "<!DOCTYPE a [ <!ENTITY x 'y'> ]><cut/>");
  EXPECT_EQ(xml("<!DOCTYPE a [ <!ENTITY x ']>'> ] "),
            "<!DOCTYPE a [ <!ENTITY x ']>'> ]><cut/>");
}

TEST(CompleteXml, RefusesWhatWasMalformedBeforeTheCut) {
  for (const std::string_view cut :
       {"text"sv, "<a></b>"sv, "<a></b"sv, "<a><b></a"sv, "<a/><b"sv, "<a/>text"sv,
        "</a"sv, "<a x>"sv, "<a x=1"sv, "<1"sv, "<a><!ELEM"sv, "{\"a\":1"sv,
        "\xff\xfe<\0a\0"sv, "<\0a\0"sv}) {
    EXPECT_EQ(xml(cut), "(malformed)") << cut;
  }
  std::string deep;
  for (int i = 0; i < 257; ++i) deep += "<a>";
  EXPECT_EQ(xml(deep), "(malformed)");
}

TEST(CompleteXml, LeavesWhatIsWholeAsItIs) {
  const std::string document =
      "\xef\xbb\xbf<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e \"]>\">]>\n<!-- c -->"
      "<a x='1>' y=\"/>\"><?pi?><b/><c:d>t &lt; u<![CDATA[<z>]]></c:d ></a>\n<!-- e -->";
  EXPECT_EQ(xml(document), document);
}

TEST(CompleteMultipart, EndsTheValueThatWasCut) {
  const std::string head =
      "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
  EXPECT_EQ(multipart(head + "val"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bo"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound-"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound--"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound--\r"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound--\r\n"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "val\r\n--bound\r"), head + "val\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head), head + "\r\n--bound--\r\n");
  EXPECT_EQ(multipart(head + "--bo"), head + "--bo\r\n--bound--\r\n") << "data";
  EXPECT_EQ(multipart(head + "a\n--"), head + "a\n--bound--\r\n");
}

TEST(CompleteMultipart, EndsTheHeaderThatWasCutOrDropsThePart) {
  const std::string before =
      "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
  const std::string dropped = before + "--bound--\r\n";
  const std::string part = before + "--bound\r\nContent-Disposition: ";
  const auto finished = [&](std::string_view disposition) {
    return part + std::string(disposition) + "\r\n\r\n\r\n--bound--\r\n";
  };
  EXPECT_EQ(multipart(before + "--bound\r\nContent-Dis"), dropped);
  EXPECT_EQ(multipart(before + "--bound\r\nContent-Type: text/plain\r\nCon"), dropped);
  for (const std::string_view cut :
       {"", "form-", "form-data", "form-data; na", "form-data; name=",
        "form-data; name=\"", "form-data; filename=\"x", "attachment; name=\"a\""}) {
    EXPECT_EQ(multipart(part + std::string(cut)), dropped) << cut;
  }
  const std::string_view name = "form-data; name=\"b\"";
  EXPECT_EQ(multipart(part + "form-data; name=\"b"), finished(name));
  EXPECT_EQ(multipart(part + "form-data; name=\"b\\"), finished(name));
  EXPECT_EQ(multipart(part + "form-data; name=\"b\xc3"), finished(name));
  EXPECT_EQ(multipart(part + "form-data; name=b"), finished("form-data; name=b"));
  for (const std::string_view more : {"", ";", "; ", "; filen", "; filename=",
                                      "; filename=\"", "; filename*=UTF-8''x"}) {
    EXPECT_EQ(multipart(part + std::string(name) + std::string(more)), finished(name))
        << more;
  }
  const std::string file = std::string(name) + "; filename=\"x\"";
  EXPECT_EQ(multipart(part + std::string(name) + "; filename=\"x"), finished(file));
  EXPECT_EQ(multipart(part + file + "; filename*=UTF-8''a%2"),
            finished(file + "; filename*=UTF-8''a"));
  EXPECT_EQ(multipart(part + file + "\r"), finished(file));
  EXPECT_EQ(multipart(part + file + "\r\n"), finished(file));
  EXPECT_EQ(multipart(part + file + "\r\nContent-Ty"), finished(file));
  EXPECT_EQ(multipart(part + file + "\r\n\r"), finished(file));
}

TEST(CompleteMultipart, EndsABodyOfWhichNoPartHasCome) {
  for (const std::string_view cut :
       {"", "-", "--bou", "--bound", "--bound\r", "--bound\r\n"}) {
    EXPECT_EQ(multipart(cut), "--bound--\r\n") << cut;
  }
}

TEST(CompleteMultipart, RefusesWhatWasMalformedBeforeTheCut) {
  for (const std::string_view cut :
       {"--boundary\r\nContent", "--bound\r\n\r\nno disposition",
        "--bound\r\nno colon\r\nX", "--bound\r\n--bound\r\n",
        "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--bound\r\n",
        "--bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--bound x"}) {
    EXPECT_EQ(multipart(cut), "(malformed)") << cut;
  }
}

TEST(MultipartBoundary, IsWhatTheLibraryReads) {
  const auto boundary = [](std::string_view type) {
    return multipart_boundary(type).value_or("(none)");
  };
  EXPECT_EQ(boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary("Multipart/Form-Data;boundary=\"a b\""), "a b");
  EXPECT_EQ(boundary("multipart/form-data; boundary=abc; charset=utf-8"), "abc");
  EXPECT_EQ(boundary("multipart/form-data; boundary="), "(none)");
  EXPECT_EQ(boundary("multipart/form-data; boundary=a\x01"), "(none)");
  EXPECT_EQ(boundary("multipart/form-data"), "(none)");
  EXPECT_EQ(boundary("multipart/mixed; boundary=abc"), "(none)");
}

TEST(CompleteForm, LeavesOutTheHalfOfACharacter) {
  EXPECT_EQ(form("a=b%"), "a=b");
  EXPECT_EQ(form("a=b%4"), "a=b");
  EXPECT_EQ(form("a=b%41"), "a=b%41");
  EXPECT_EQ(form("a=100%zz"), "a=100%zz");
  EXPECT_EQ(form("a=%e2%82"), "a=");
  EXPECT_EQ(form("a=%e2%82%"), "a=");
  EXPECT_EQ(form("a=%e2%82%ac"), "a=%e2%82%ac");
  EXPECT_EQ(form("a=\xf0\x9f\x98"), "a=");
  EXPECT_EQ(form("a=\x98\x98\x98\x98"), "a=\x98\x98\x98\x98");
  EXPECT_EQ(form(""), "");
}

}  // namespace
}  // namespace spoa::inspect
