// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace xpuruntime::torch_engine {
namespace {

engine::Failure failure_of(const char* words) {
  try {
    checked(XPURT_ENGINE, "run", [&] { throw std::runtime_error(words); });
  } catch (const engine::Failure& failure) {
    return failure;
  }
  throw std::logic_error("nothing was thrown");
}

TEST(StatusTest, KeepsTheReasonUnderATraceback) {
  EXPECT_EQ(plain_words("The following operation failed in the TorchScript interpreter.\n"
                        "Traceback of TorchScript (most recent call last):\n"
                        "  File \"a.py\", line 3, in forward\n    return x + y\n"
                        "RuntimeError: The size of tensor a (3) must match\n"),
            "The size of tensor a (3) must match");
}

TEST(StatusTest, LeavesOutPlacesInTorchsSources) {
  EXPECT_EQ(
      plain_words("no file\nException raised from f at g.cpp:1 (most recent call first):\n#0"),
      "no file");
}

TEST(StatusTest, AlwaysSaysSomething) { EXPECT_EQ(plain_words("\n\n"), "it gives no reason"); }

TEST(StatusTest, KnowsThatMemoryIsOut) {
  const auto failure =
      failure_of("DefaultCPUAllocator: not enough memory: you tried to allocate 4000 bytes.");
  EXPECT_EQ(failure.code, XPURT_OUT_OF_MEMORY);
  EXPECT_EQ(failure.asked, 4000U);
}

TEST(StatusTest, SaysWhereAndWhose) {
  EXPECT_STREQ(failure_of("broken").what(), "run: torch: broken");
}

}  // namespace
}  // namespace xpuruntime::torch_engine
