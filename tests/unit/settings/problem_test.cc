// How mistakes and addresses are shown.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "folder.h"
#include "spoa/settings.h"

namespace spoa {
namespace {

using settings::Folder;

TEST(ProblemText, ShowsTheLineACaretAndTheRemedy) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "queue: 1\nmax-frame-size: 128\n");
  EXPECT_EQ(to_text({file, 2, 17, "max-frame-size is too small", "allowed: more"}),
            file +
                ":2:17: max-frame-size is too small\n"
                "     2 | max-frame-size: 128\n"
                "       |                 ^^^\n"
                "  allowed: more\n");
}

TEST(ProblemText, StandsAloneWhenThereIsNoLineToShow) {
  EXPECT_EQ(to_text({"/no/such/file", 2, 17, "text", "remedy"}),
            "/no/such/file:2:17: text\n  remedy\n");
  EXPECT_EQ(to_text({"", 0, 0, "text", ""}), "spoa-modsecurity: text\n");
}

// Mistakes of a whole file or line once had no line or column: tools that jump to
// FILE:LINE:COLUMN did not find them.
TEST(ProblemText, HasALineAndAColumnForEveryMistakeOfAFile) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "queue: 1\nworkers: 2\n");
  EXPECT_EQ(to_text({file, 0, 0, "text", "remedy"}), file + ":1:1: text\n  remedy\n");
  EXPECT_EQ(to_text({file, 2, 0, "text", ""}),
            file + ":2:1: text\n     2 | workers: 2\n");
  EXPECT_EQ(to_text({file, -1, -1, "text", ""}), file + ":1:1: text\n");
}

TEST(ProblemText, PutsTheCaretUnderAColumnCountedInBytes) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "\xC3\xA9\xC3\xA9: \"x y\" z\n");
  EXPECT_NE(to_text({file, 1, 7, "t", ""}).find("       |     ^^^^^\n"),
            std::string::npos);
}

TEST(ProblemText, ShowsThePartOfALongLineAroundTheColumn) {
  const Folder folder;
  const std::string file = folder.write(
      "a.yaml", std::string(5000, 'a') + " needle " + std::string(5000, 'b'));
  const std::string text = to_text({file, 1, 5002, "t", ""});
  EXPECT_NE(text.find("needle"), std::string::npos);
  EXPECT_NE(text.find("^^^^^^\n"), std::string::npos);
  EXPECT_LT(text.size(), file.size() + 400);
}

TEST(ProblemText, SurvivesAnyLineAndColumn) {
  const Folder folder;
  const std::string file = folder.write("a.yaml", "\x80\x80\x80\x1b[31m\n\n\xC3");
  constexpr std::array kNumbers{-1, 0, 1, 2, 3, 4, 100, 2147483647};
  for (const int line : kNumbers) {
    for (const int column : kNumbers) {
      const std::string text = to_text({file, line, column, "t", ""});
      EXPECT_EQ(text.find('\x1b'), std::string::npos) << "an escape reached the terminal";
    }
  }
}

TEST(ProblemText, CountsThemAndSaysWhatBecameOfIt) {
  EXPECT_EQ(to_text(std::vector<Problem>{{"", 0, 0, "a", ""}}, "nothing was started"),
            "spoa-modsecurity: a\n1 error; nothing was started\n");
  const std::string two =
      to_text(std::vector<Problem>{{"", 0, 0, "a", ""}, {"", 0, 0, "b", ""}}, "kept");
  EXPECT_TRUE(two.ends_with("2 errors; kept\n")) << two;
}

}  // namespace
}  // namespace spoa
