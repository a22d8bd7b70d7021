#include "log_files.h"

#include <gtest/gtest.h>

#include "folder.h"

namespace spoa::seclang {
namespace {

using Paths = std::vector<std::string>;

Paths logs(const std::string& text) { return log_files(read_text(text, "a.conf")); }

// A check that loaded the rules left empty logs behind, owned by whoever ran it.
TEST(LogFiles, NamesTheLogsThatLoadingMakes) {
  const Folder folder;
  const std::string debug = folder.path("debug.log");
  const std::string audit = folder.path("audit.log");
  const std::string second = folder.path("audit2.log");
  EXPECT_EQ(
      logs("SecDebugLog " + debug + "\nSecAuditEngine RelevantOnly\nSecAuditLog " +
           audit + "\nSecAuditLog2 \"" + second + "\"\nSecDebugLog " + debug + "\n"),
      (Paths{debug, audit, second}));
  EXPECT_FALSE(std::filesystem::exists(debug));
}

TEST(LogFiles, LeavesTheAuditLogOutWhileNothingSwitchesItOn) {
  EXPECT_TRUE(logs("SecAuditLog /none/a.log\n").empty());
  EXPECT_TRUE(logs("SecAuditEngine Off\nSecAuditLog /none/a.log\n").empty());
  EXPECT_EQ(logs("SecAuditLog /none/a.log\nSecAction "
                 "\"id:1,pass,ctl:auditEngine=RelevantOnly\"\n"),
            Paths{"/none/a.log"});
}

// Each file of a set is opened for when it ends: what a later one replaces is made too.
TEST(LogFiles, NamesLogsThatALaterFileReplaces) {
  EXPECT_EQ(logs("SecAuditEngine On\nSecAuditLog /none/a.log\nSecAuditLog /none/b.log\n"
                 "SecAuditEngine Off\n"),
            (Paths{"/none/a.log", "/none/b.log"}));
}

TEST(LogFiles, NamesPlainFilesOnly) {
  const Folder folder;
  const std::string there = folder.write("there.log", "x");
  EXPECT_EQ(logs("SecDebugLog /dev/null\nSecDebugLog " + there + "\nSecDebugLog " +
                 folder.path(".") + "\nSecDebugLog\n"),
            Paths{there});
}

}  // namespace
}  // namespace spoa::seclang
