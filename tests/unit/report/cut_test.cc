#include "cut.h"

#include <gtest/gtest.h>

namespace spoa::report {
namespace {

TEST(Cut, LeavesShortTextsAlone) {
  EXPECT_EQ(cut("", 4), "");
  EXPECT_EQ(cut("text", 4), "text");
}

TEST(Cut, SaysHowMuchThereWas) { EXPECT_EQ(cut("xyzxyz", 4), "xyzx...[cut, 6 bytes]"); }

TEST(Cut, DoesNotSplitACharacter) {
  EXPECT_EQ(beginning("z\xC3\xA9z", 2), "z");
  EXPECT_EQ(beginning("z\xF0\x9F\x92\xA9z", 4), "z");
  EXPECT_EQ(beginning("z\xF0\x9F\x92\xA9z", 5), "z\xF0\x9F\x92\xA9");
}

TEST(Cut, DoesNotSplitWhatMayBeACardNumber) {
  EXPECT_EQ(beginning("z4111111111111111", 9), "z");
  EXPECT_EQ(beginning("z%34111%2D111111", 12), "z");
}

TEST(Cut, GivesUpLookingForTheBeginningOfALongNumber) {
  EXPECT_EQ(beginning(std::string(1000, '7'), 900).size(), 900U - 192U);
}

}  // namespace
}  // namespace spoa::report
