// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/engine/process_threads.h"

#include <gtest/gtest.h>

#include <vector>

namespace xpuruntime::engine {
namespace {

struct ProcessThreadsTest : testing::Test {
  xpurt_status fix(int32_t asked) {
    try {
      threads.check(asked);
      threads.fix(asked, [&](int32_t number) { set.push_back(number); });
      return XPURT_OK;
    } catch (const Failure& failure) {
      return failure.code;
    }
  }
  ProcessThreads threads{"a runtime"};
  std::vector<int32_t> set;
};

TEST_F(ProcessThreadsTest, SetsTheFirstNumberOnce) {
  EXPECT_EQ(fix(3), XPURT_OK);
  EXPECT_EQ(fix(3), XPURT_OK);
  EXPECT_EQ(set, (std::vector<int32_t>{3}));
}

TEST_F(ProcessThreadsTest, RefusesAnother) {
  EXPECT_EQ(fix(3), XPURT_OK);
  EXPECT_EQ(fix(2), XPURT_INVALID_STATE);
  EXPECT_EQ(fix(3), XPURT_OK);
}

TEST_F(ProcessThreadsTest, ACheckFixesNothing) {
  threads.check(3);
  EXPECT_EQ(fix(2), XPURT_OK);
}

TEST_F(ProcessThreadsTest, ANumberThatCannotBeSetIsNotFixed) {
  EXPECT_THROW(threads.fix(3, [](int32_t) { throw Failure(XPURT_ENGINE, "no"); }), Failure);
  EXPECT_EQ(fix(2), XPURT_OK);
}

TEST_F(ProcessThreadsTest, UsesOneThreadAtLeast) {
  EXPECT_EQ(fix(0), XPURT_OK);
  EXPECT_EQ(set, (std::vector<int32_t>{1}));
}

}  // namespace
}  // namespace xpuruntime::engine
