// SPDX-License-Identifier: Apache-2.0
#include "toolkit/memory_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kLarge = size_t{64} << 20;

TEST(MemoryWatchTest, SeesMemoryThatIsKept) {
  MemoryWatch watch;
  const std::vector<char> memory(kLarge, 1);
  watch.look();
  EXPECT_GE(watch.growth(), kLarge * 9 / 10) << memory.size();
}

TEST(MemoryWatchTest, RemembersTheHighest) {
  MemoryWatch watch;
  {
    const std::vector<char> memory(kLarge, 1);
    watch.look();
    EXPECT_GT(memory.size(), 0U);
  }
  watch.look();
  EXPECT_GE(watch.growth(), kLarge * 9 / 10);
}

TEST(MemoryWatchTest, IsNeverBelowNothing) {
  MemoryWatch watch;
  watch.look();
  EXPECT_LT(watch.growth(), kLarge);
}

}  // namespace
}  // namespace xpuruntime::toolkit
