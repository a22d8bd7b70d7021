#include "request_target.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "rules.h"
#include "transaction.h"

namespace spoa::inspect {
namespace {

constexpr std::string_view kVariables[] = {
    "REQUEST_FILENAME", "REQUEST_BASENAME", "PATH_INFO",   "REQUEST_URI",
    "REQUEST_URI_RAW",  "REQUEST_LINE",     "QUERY_STRING"};

/// What rules see of a target.
class Seen {
 public:
  explicit Seen(const std::string& target) {
    static const std::shared_ptr<const RuleSet> rules = rules_for_all();
    const Request request = request_of("GET", target);
    findings_ = inspect(rules, request);
  }
  [[nodiscard]] std::string operator[](std::string_view name) const {
    return text_of(std::find(std::begin(kVariables), std::end(kVariables), name) -
                   std::begin(kVariables));
  }
  /// The argument of that one-letter name.
  [[nodiscard]] std::string argument(char name) const { return text_of(name); }

 private:
  /// A message that is empty is left out, so each begins with a sign.
  static std::shared_ptr<const RuleSet> rules_for_all() {
    std::string text;
    const auto show = [&](std::size_t id, std::string_view name) {
      text += "SecAction \"id:" + std::to_string(id + 1) + ",phase:1,pass,log,msg:'=%{" +
              std::string(name) + "}'\"\n";
    };
    for (std::size_t i = 0; i < std::size(kVariables); ++i) show(i, kVariables[i]);
    for (char name = 'a'; name <= 'z'; ++name) {
      show(static_cast<std::size_t>(name), std::string("ARGS.") + name);
    }
    return rules_of(text);
  }
  [[nodiscard]] std::string text_of(std::ptrdiff_t id) const {
    for (const RuleMatch& match : findings_.matches) {
      if (match.id == id + 1) return match.message.substr(1);
    }
    return "(unknown)";
  }

  Findings findings_;
};

// CVE-2024-1019: the library splits path and query after it has decoded them, so that the
// path seemed to end at an encoded question mark.
TEST(RequestTarget, KeepsAnEncodedQuestionMarkInThePath) {
  for (const std::string_view mark : {"%3f", "%3F"}) {
    const std::string target = "/a/" + std::string(mark) + "/../etc/passwd";
    const Seen seen(target + "?x=1");
    EXPECT_EQ(seen["REQUEST_FILENAME"], "/a/?/../etc/passwd");
    EXPECT_EQ(seen["PATH_INFO"], "/a/?/../etc/passwd");
    EXPECT_EQ(seen["REQUEST_BASENAME"], "passwd");
    EXPECT_EQ(seen["QUERY_STRING"], "x=1");
    EXPECT_EQ(seen["REQUEST_URI_RAW"], target + "?x=1");
    EXPECT_EQ(seen.argument('x'), "1");
  }
  EXPECT_EQ(Seen("/a%3fb=%3Cscript%3E")["REQUEST_FILENAME"], "/a?b=<script>");
  EXPECT_EQ(Seen("/a%3fb")["REQUEST_BASENAME"], "a?b");
  EXPECT_EQ(Seen("/%3f/")["REQUEST_BASENAME"], "");
  EXPECT_EQ(Seen("%3f")["REQUEST_FILENAME"], "?");
}

TEST(RequestTarget, DecodesThePathOnce) {
  EXPECT_EQ(Seen("/a%253fb/c")["REQUEST_FILENAME"], "/a%3fb/c");
  EXPECT_EQ(Seen("/%")["REQUEST_FILENAME"], "/%");
  EXPECT_EQ(Seen("/%3")["REQUEST_FILENAME"], "/%3");
  EXPECT_EQ(Seen("/%zz%41")["REQUEST_FILENAME"], "/%zzA");
  EXPECT_EQ(Seen("/a%00%3fb")["REQUEST_FILENAME"], std::string("/a\0?b", 5));
}

// The library leaves out the fragment of a target, which is one in browsers alone.
TEST(RequestTarget, SeesWhatFollowsAFragmentSign) {
  const Seen seen("/a#/b%3fc?x=1&y=<script>#z=2");
  EXPECT_EQ(seen["REQUEST_FILENAME"], "/a#/b?c");
  EXPECT_EQ(seen["PATH_INFO"], "/a#/b?c");
  EXPECT_EQ(seen["REQUEST_BASENAME"], "b?c");
  EXPECT_EQ(seen["REQUEST_URI"], "/a#/b?c?x=1&y=<script>#z=2");
  EXPECT_EQ(seen["REQUEST_URI_RAW"], "/a#/b%3fc?x=1&y=<script>#z=2");
  EXPECT_EQ(seen["REQUEST_LINE"], "GET /a#/b%3fc?x=1&y=<script>#z=2 HTTP/1.1");
  EXPECT_EQ(seen["QUERY_STRING"], "x=1&y=<script>#z=2");
  EXPECT_EQ(seen.argument('x'), "1");
  EXPECT_EQ(seen.argument('y'), "<script>#z=2");
  EXPECT_EQ(Seen("#")["REQUEST_FILENAME"], "#");
}

TEST(RequestTarget, LeavesTheLibrarysOwnReadingOfAllElse) {
  const Seen seen("/shop/it%65ms.php?q=a%3fb&r=c+d");
  EXPECT_EQ(seen["REQUEST_FILENAME"], "/shop/items.php");
  EXPECT_EQ(seen["REQUEST_BASENAME"], "items.php");
  EXPECT_EQ(seen["REQUEST_URI"], "/shop/items.php?q=a?b&r=c+d");
  EXPECT_EQ(seen["QUERY_STRING"], "q=a%3fb&r=c+d");
  EXPECT_EQ(seen["REQUEST_LINE"], "GET /shop/it%65ms.php?q=a%3fb&r=c+d HTTP/1.1");
  EXPECT_EQ(seen.argument('q'), "a?b");
  EXPECT_EQ(seen.argument('r'), "c d");
  EXPECT_EQ(seen.argument('s'), "");
  EXPECT_EQ(Seen("*")["REQUEST_FILENAME"], "*");
  EXPECT_EQ(Seen("")["REQUEST_FILENAME"], "");
  EXPECT_EQ(Seen("http://h/a%20b?c")["REQUEST_FILENAME"], "http://h/a b");
  EXPECT_EQ(Seen("http://h/a%20b?c")["REQUEST_URI"], "/a b?c");
}

TEST(DecodeEscapes, LeavesWhatIsNoEscape) {
  EXPECT_EQ(decode_escapes("%41%4a%4A"), "AJJ");
  EXPECT_EQ(decode_escapes("%4"), "%4");
  EXPECT_EQ(decode_escapes("%"), "%");
  EXPECT_EQ(decode_escapes("%%41"), "%A");
  EXPECT_EQ(decode_escapes("%g1+"), "%g1+");
}

}  // namespace
}  // namespace spoa::inspect
