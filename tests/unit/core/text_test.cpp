// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <gtest/gtest.h>

namespace xpuruntime {
namespace {

const std::vector<std::string> kNames = {"image", "mask", "threshold"};

TEST(TextTest, JoinsWords) {
  EXPECT_EQ(join({}), "none");
  EXPECT_EQ(join(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(join(kNames), "image, mask, threshold");
}

TEST(TextTest, FindsTheNearestByEdits) {
  EXPECT_EQ(nearest("image", kNames), "image");
  EXPECT_EQ(nearest("imge", kNames), "image");    // one left out
  EXPECT_EQ(nearest("images", kNames), "image");  // one too many
  EXPECT_EQ(nearest("iamge", kNames), "image");   // two swapped
  EXPECT_EQ(nearest("msak", kNames), "mask");
  EXPECT_EQ(nearest("treshhold", kNames), "threshold");
}

TEST(TextTest, SuggestsNothingThatIsFarOff) {
  EXPECT_EQ(nearest("zzzzzz", kNames), "");
  EXPECT_EQ(nearest("output", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest("image", {}), "");
}

TEST(TextTest, TakesTheFirstOfTwoThatAreAsNear) {
  EXPECT_EQ(nearest("in3", std::vector<std::string>{"in1", "in2"}), "in1");
}

TEST(TextTest, AsksWhatWasMeant) {
  EXPECT_EQ(did_you_mean("maks", kNames), "; did you mean 'mask'?");
  EXPECT_EQ(did_you_mean("zzzzzz", kNames), "");
}

}  // namespace
}  // namespace xpuruntime
