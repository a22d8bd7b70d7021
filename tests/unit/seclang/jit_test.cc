#include "jit.h"

#include <sys/prctl.h>

#include <cstdlib>

#include <gtest/gtest.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

namespace spoa::seclang {
namespace {

TEST(RegexJit, WorksInAnOrdinaryProcess) { EXPECT_TRUE(regex_jit_works()); }

// What systemd's MemoryDenyWriteExecute= does.
TEST(RegexJit, IsSeenNotToWorkWhereMemoryMayNotBecomeExecutable) {
  // In a process of its own: this one may hold executable memory from before.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        if (::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0) std::_Exit(0);
        std::_Exit(regex_jit_works() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace spoa::seclang
