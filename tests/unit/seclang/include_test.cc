#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "folder.h"
#include "reader.h"

namespace spoa::seclang {
namespace {

TEST(Include, BringsInAFileBesideTheOneThatNamesIt) {
  const Folder folder;
  const auto main = folder.write(
      "main.conf", "SecAction \"id:1\"\nInclude sub/a.conf\nSecAction \"id:4\"\n");
  folder.write("sub/a.conf", "SecAction \"id:2\"\nInclude b.conf\n");
  folder.write("sub/b.conf", "SecAction \"id:3\"");
  const Document document = read_rules({main});
  EXPECT_TRUE(document.problems.empty());
  ASSERT_EQ(document.directives.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(document.directives[i].arguments.at(0).text, "id:" + std::to_string(i + 1));
  }
  EXPECT_EQ(document.directives[2].file, folder.path("sub/b.conf"));
  EXPECT_TRUE(document.warnings.empty());
}

TEST(Include, ReadsTheFilesOfAWildcardInOrder) {
  const Folder folder;
  const auto main = folder.write("main.conf", "Include r/*.conf\n");
  folder.write("r/2.conf", "SecAction \"id:2\"\n");
  folder.write("r/1.conf", "SecAction \"id:1\"\n");
  folder.write("r/3.txt", "SecAction \"id:3\"\n");
  const Document document = read_rules({main});
  ASSERT_EQ(document.directives.size(), 2U);
  EXPECT_EQ(document.directives[0].arguments.at(0).text, "id:1");
}

TEST(Include, ReportsAWildcardThatMatchesNothing) {
  const Folder folder;
  const auto main = folder.write("main.conf", "\n Include none/*.conf\n");
  const Document document = read_rules({main});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].file, main);
  EXPECT_EQ(document.problems[0].line, 2);
  EXPECT_EQ(document.problems[0].column, 10);
  EXPECT_FALSE(document.problems[0].remedy.empty());
}

TEST(Include, ReportsEveryMatchThatCannotBeOpened) {
  const Folder folder;
  const auto main = folder.write("main.conf", "Include r/*.conf\n");
  folder.write("r/1.conf", "SecAction \"id:1\"\n");
  ASSERT_EQ(::symlink("/nonexistent/file", folder.path("r/2.conf").c_str()), 0);
  const Document document = read_rules({main});
  EXPECT_EQ(document.directives.size(), 1U);
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_NE(document.problems[0].text.find("r/2.conf"), std::string::npos);
}

TEST(Include, PassesOverALinkToAFolderThatIsNotThere) {
  const Folder folder;
  const auto main = folder.write("main.conf", "Include crs/*/setup.conf\n");
  folder.write("crs/none/setup.conf", "SecAction \"id:1\"\n");
  ASSERT_EQ(::symlink("/nonexistent/folder", folder.path("crs/package").c_str()), 0);
  const Document document = read_rules({main});
  EXPECT_TRUE(document.problems.empty());
  EXPECT_EQ(document.directives.size(), 1U);
}

// The library ends the whole process over it.
TEST(Include, RefusesAFolder) {
  const Folder folder;
  folder.write("sub/a.conf", "");
  const auto main = folder.write("main.conf", "Include sub\n");
  const Document document = read_rules({main});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_NE(document.problems[0].text.find("it is a folder"), std::string::npos);
}

TEST(Include, RefusesAPipe) {
  const Folder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const auto main = folder.write("main.conf", "Include pipe\n");
  EXPECT_EQ(read_rules({main}).problems.size(), 1U);
}

TEST(Include, ReportsACircle) {
  const Folder folder;
  const auto a = folder.write("a.conf", "Include b.conf\n");
  const auto b = folder.write("b.conf", "SecAction \"id:1\"\nInclude ./a.conf\n");
  const Document document = read_rules({a});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].file, b);
  EXPECT_EQ(document.problems[0].line, 2);
}

TEST(Include, EndsWhenFilesMultiply) {
  const Folder folder;
  for (int i = 0; i < 40; ++i) {
    const std::string next = "Include " + std::to_string(i + 1) + ".conf\n";
    folder.write(std::to_string(i) + ".conf", next + next);
  }
  folder.write("40.conf", "SecAction \"id:1\"\n");
  const Document document = read_rules({folder.path("0.conf")});
  EXPECT_EQ(document.problems.size(), 1U);
}

TEST(Include, EndsWhenFilesNestTooDeep) {
  const Folder folder;
  for (int i = 0; i < 70; ++i) {
    folder.write(std::to_string(i) + ".conf",
                 "Include " + std::to_string(i + 1) + ".conf\n");
  }
  folder.write("70.conf", "SecAction \"id:1\"\n");
  const Document document = read_rules({folder.path("0.conf")});
  EXPECT_EQ(document.problems.size(), 1U);
  EXPECT_TRUE(document.directives.empty());
}

TEST(Include, AcceptsQuotesButNoWildcardInThem) {
  const Folder folder;
  folder.write("r/1.conf", "SecAction \"id:1\"\n");
  const auto plain = folder.write("plain.conf", "Include \"r/1.conf\"\n");
  const auto star = folder.write("star.conf", "Include \"r/*.conf\"\n");
  EXPECT_EQ(read_rules({plain}).directives.size(), 1U);
  const Document document = read_rules({star});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_NE(document.problems[0].remedy.find("quotes"), std::string::npos);
}

TEST(Include, RefusesWhatAShellWouldRun) {
  const Folder folder;
  const std::string proof = folder.path("proof");
  const auto main = folder.write("main.conf", "Include $(touch${IFS}" + proof + ")\n");
  EXPECT_EQ(read_rules({main}).problems.size(), 1U);
  EXPECT_NE(::access(proof.c_str(), F_OK), 0);
}

// The folder's name goes through the same expansion as the Include.
TEST(Include, RunsNoCommandThatAFolderIsNamedAfter) {
  const Folder folder;
  const auto main = folder.write("$(touch proof)/main.conf", "Include other.conf\n");
  folder.write("$(touch proof)/other.conf", "SecAction \"id:1\"\n");
  EXPECT_EQ(read_rules({main}).problems.size(), 1U);
  EXPECT_NE(::access("proof", F_OK), 0);
}

// The library takes the path apart at the blank, finds neither half, and includes
// nothing.
TEST(Include, ReportsAFolderWithABlankInItsName) {
  const Folder folder;
  const auto main = folder.write("my rules/main.conf", "Include other.conf\n");
  folder.write("my rules/other.conf", "SecAction \"id:1\"\n");
  const Document document = read_rules({main});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_NE(document.problems[0].text.find("blank"), std::string::npos);
}

TEST(Include, ReportsAFileThatIsNotThereAtAll) {
  const Document document = read_rules({"/nonexistent/main.conf"});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].file, "/nonexistent/main.conf");
}

TEST(Include, IncludeOptionalIsAnError) {
  const Report report = check(read_text("IncludeOptional /etc/x/*.conf\n", "/r/a.conf"));
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_NE(report.errors[0].text.find("IncludeOptional"), std::string::npos);
}

}  // namespace
}  // namespace spoa::seclang
