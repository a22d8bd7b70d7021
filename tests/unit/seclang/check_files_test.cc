#include <gtest/gtest.h>
#include <sys/stat.h>

#include "check.h"
#include "folder.h"

namespace spoa::seclang {
namespace {

// Loads `text` as main.conf of the folder.
Report check_in(const Folder& folder, const std::string& text) {
  return check(read_rules({folder.write("main.conf", "SecRuleEngine On\n" + text)}));
}

TEST(CheckFiles, FindsDataFilesBesideTheRules) {
  const Folder folder;
  folder.write("words.data", "a\nb\n");
  EXPECT_TRUE(check_in(folder, "SecRule ARGS \"@pmFromFile words.data\" \"id:1,deny\"\n")
                  .errors.empty());
}

TEST(CheckFiles, ReportsDataFilesThatAreNotThere) {
  const Folder folder;
  for (const auto* name : {"pmFromFile", "pmf", "ipMatchFromFile", "ipMatchF"}) {
    const Report report = check_in(
        folder, "SecRule ARGS \"@" + std::string(name) + " none.data\" \"id:1,deny\"\n");
    ASSERT_EQ(report.errors.size(), 1U) << name;
    EXPECT_EQ(report.errors[0].line, 2);
    EXPECT_FALSE(report.errors[0].remedy.empty());
  }
}

// The library opens a folder, reads nothing from it, and never matches.
TEST(CheckFiles, ReportsAFolderInTheDataFilesPlace) {
  const Folder folder;
  folder.write("words/a", "");
  EXPECT_EQ(check_in(folder, "SecRule ARGS \"@pmFromFile words\" \"id:1,deny\"\n")
                .errors.size(),
            1U);
}

TEST(CheckFiles, RefusesListsFromTheNetwork) {
  const Folder folder;
  EXPECT_EQ(
      check_in(folder, "SecRule ARGS \"@ipMatchFromFile https://x/y\" \"id:1,deny\"\n")
          .errors.size(),
      1U);
}

TEST(CheckFiles, ReportsSettingsWhoseFileIsNotThere) {
  const Folder folder;
  folder.write("unicode map.txt", "20127\n00a0:20\n");
  EXPECT_EQ(check_in(folder, "SecUnicodeMapFile none.mapping 20127\n").errors.size(), 1U);
  EXPECT_TRUE(
      check_in(folder, "SecUnicodeMapFile unicode map.txt 20127\n").errors.empty());
  EXPECT_EQ(check_in(folder, "SecGeoLookupDb none.mmdb\n").errors.size(), 1U);
}

TEST(CheckFiles, ReportsAnAuditLogThatCannotBeOpened) {
  const Folder folder;
  const Report report = check_in(
      folder, "SecAuditEngine On\nSecAuditLog " + folder.path("none/audit.log") + "\n");
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].line, 3);
  EXPECT_EQ(report.errors[0].column, 13);
}

TEST(CheckFiles, ReportsALogThatIsAFolder) {
  const Folder folder;
  folder.write("log/x", "");
  EXPECT_EQ(check_in(folder, "SecDebugLog " + folder.path("log") + "\n").errors.size(),
            1U);
}

TEST(CheckFiles, MakesNoLogFile) {
  const Folder folder;
  const std::string log = folder.path("audit.log");
  const Report report = check_in(
      folder, "SecAuditEngine On\nSecAuditLog " + log + "\nSecDebugLog " + log + ".d\n");
  EXPECT_TRUE(report.errors.empty());
  EXPECT_FALSE(std::filesystem::exists(log));
  EXPECT_FALSE(std::filesystem::exists(log + ".d"));
  ASSERT_EQ(report.warnings.size(), 2U);
  EXPECT_NE(report.warnings[1].text.find("never again"), std::string::npos)
      << "the library never reopens its audit log";
}

TEST(CheckFiles, LeavesTheAuditLogAloneWhileItIsOff) {
  const Folder folder;
  const Report report = check_in(folder,
                                 "SecAuditEngine Off\nSecAuditLogType HTTPS\nSecAuditLog "
                                 "/nonexistent/x/audit.log\nSecAction \"id:1,pass\"\n");
  EXPECT_TRUE(report.errors.empty());
  EXPECT_TRUE(report.warnings.empty());
}

TEST(CheckFiles, SeesARuleThatSwitchesTheAuditLogOn) {
  const Folder folder;
  EXPECT_EQ(check_in(folder, "SecAction \"id:1,phase:1,pass,ctl:auditEngine=On\"\n")
                .errors.size(),
            1U);
  EXPECT_TRUE(check_in(folder, "SecAction \"id:1,phase:1,pass,ctl:auditEngine=Off\"\n")
                  .errors.empty());
}

TEST(CheckFiles, DemandsAFolderForAConcurrentAuditLog) {
  const Folder folder;
  const std::string on =
      "SecAuditEngine On\nSecAuditLogType Concurrent\nSecAuditLogStorageDir ";
  EXPECT_EQ(check_in(folder, on + folder.path("none") + "\n").errors.size(), 1U);
  EXPECT_TRUE(check_in(folder, on + folder.path(".") + "\n").errors.empty());
}

// The library posts each transaction from the worker, and waits without a limit.
TEST(CheckFiles, RefusesAnAuditLogThatGoesToTheNetwork) {
  const Folder folder;
  for (const auto* on :
       {"SecAuditEngine On", "SecAuditEngine RelevantOnly",
        "SecAction \"id:1,phase:1,pass,ctl:auditEngine=RelevantOnly\""}) {
    const Report report =
        check_in(folder, "SecAuditLogType HTTPS\nSecAuditLog https://a.example/\n" +
                             std::string(on));
    ASSERT_EQ(report.errors.size(), 1U) << on;
    EXPECT_EQ(report.errors[0].line, 2);
    EXPECT_NE(report.errors[0].remedy.find("events file"), std::string::npos);
  }
}

// A word of colons has no code in front of its colon: the library reads a null pointer.
TEST(CheckFiles, ReportsAnEntryOfAUnicodeMapOnWhichTheLibraryCrashes) {
  const Folder folder;
  const std::string map = folder.write("u.mapping", "20127 (ASCII)\n00a0:20 : 00a1:21\n");
  const Report report = check_in(folder, "SecUnicodeMapFile u.mapping 20127\n");
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].file, map);
  EXPECT_EQ(report.errors[0].line, 2);
  EXPECT_EQ(report.errors[0].column, 9);
  EXPECT_FALSE(report.errors[0].remedy.empty());
}

TEST(CheckFiles, AcceptsStandardOutputAsALog) {
  const Folder folder;
  EXPECT_TRUE(
      check_in(folder, "SecAuditEngine On\nSecAuditLog /dev/null\n").errors.empty());
}

}  // namespace
}  // namespace spoa::seclang
