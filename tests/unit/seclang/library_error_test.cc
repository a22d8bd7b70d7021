#include "library_error.h"

#include <gtest/gtest.h>

namespace spoa::seclang {
namespace {

TEST(FromLibraryError, TakesFileLineAndColumn) {
  const Problem problem = from_library_error(
      "Rules error. File: /etc/a. b.conf. Line: 12. Column: 23. Invalid input:  Foo bar "
      "\n",
      "/x");
  EXPECT_EQ(problem.file, "/etc/a. b.conf");
  EXPECT_EQ(problem.line, 12);
  EXPECT_EQ(problem.column, 23);
  EXPECT_EQ(problem.text, "libmodsecurity: Invalid input: Foo bar");
}

// Some errors come with an empty file and line 1, wherever they are.
TEST(FromLibraryError, DistrustsALineWithoutAFile) {
  const Problem problem = from_library_error(
      "Rules error. File: . Line: 1. Column: 0. Failed to start DebugLog: no",
      "/etc/x.conf");
  EXPECT_EQ(problem.file, "/etc/x.conf");
  EXPECT_EQ(problem.line, 0);
  EXPECT_EQ(problem.text, "libmodsecurity: Failed to start DebugLog: no");
}

TEST(FromLibraryError, KeepsABareText) {
  const Problem problem = from_library_error("Rule id: 1 is duplicated\n", "/etc/x.conf");
  EXPECT_EQ(problem.file, "/etc/x.conf");
  EXPECT_EQ(problem.line, 0);
  EXPECT_EQ(problem.text, "libmodsecurity: Rule id: 1 is duplicated");
}

TEST(FromLibraryError, SaysSoWhenThereIsNoText) {
  EXPECT_FALSE(from_library_error("", "/x").text.empty());
  EXPECT_FALSE(from_library_error("Rules error. File: a. Line: 3. Column: 4. ", "/x")
                   .text.empty());
}

}  // namespace
}  // namespace spoa::seclang
