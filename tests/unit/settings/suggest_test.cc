#include "suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace spoa::settings {
namespace {

const std::vector<std::string_view> kKnown{"queue", "workers", "max-frame-size"};

TEST(Nearest, FindsTheWordBehindASlip) {
  EXPECT_EQ(nearest("queu", kKnown), "queue");
  EXPECT_EQ(nearest("qeuue", kKnown), "queue");
  EXPECT_EQ(nearest("Workers", kKnown), "workers");
  EXPECT_EQ(nearest("max_frame_size", kKnown), "max-frame-size");
  EXPECT_EQ(nearest("maxframesize", kKnown), "max-frame-size");
}

TEST(Nearest, DoesNotGuessWildly) {
  EXPECT_EQ(nearest("shadow", kKnown), "");
  EXPECT_EQ(nearest("", kKnown), "");
  EXPECT_EQ(nearest("q", kKnown), "");
  EXPECT_EQ(nearest(std::string(100'000, 'q'), kKnown), "");
}

TEST(DidYouMean, ListsWhatIsKnownWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("queu", kKnown, "known here"), "did you mean `queue`?");
  EXPECT_EQ(did_you_mean("shadow", kKnown, "known here"),
            "known here: queue, workers, max-frame-size");
}

TEST(Listed, StopsBeforeAMessageFillsTheScreen) {
  const std::vector<std::string_view> many(1000, "name");
  EXPECT_LT(listed(many).size(), 200U);
  EXPECT_TRUE(listed(many).ends_with(", ...")) << listed(many);
}

}  // namespace
}  // namespace spoa::settings
