// SPDX-License-Identifier: Apache-2.0
#include "core/thread_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>

namespace xpuruntime {
namespace {

using ::testing::Eq;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

TEST(ThreadBudgetTest, ReadsAQuotaAndRoundsItUp) {
  EXPECT_EQ(cpus_of_quota("200000 100000"), 2);
  EXPECT_EQ(cpus_of_quota("150000 100000"), 2);
  EXPECT_EQ(cpus_of_quota("100001 100000"), 2);
  EXPECT_EQ(cpus_of_quota("100000 100000"), 1);
  EXPECT_EQ(cpus_of_quota("1000 100000"), 1);
  EXPECT_EQ(cpus_of_quota("6400000 50000\n"), 128);
}

TEST(ThreadBudgetTest, KnowsAQuotaThatIsNone) {
  for (const char* line : {"max 100000", "", "100000", "0 100000", "-1 100000", "100000 0",
                           "100000 -5", "a b", "99999999999999999999 100000"}) {
    EXPECT_EQ(cpus_of_quota(line), 0) << line;
  }
}

TEST(ThreadBudgetTest, TakesAQuotaLargerThanAnyMachine) {
  EXPECT_EQ(cpus_of_quota("9223372036854775807 1"), INT32_MAX);
  EXPECT_EQ(cpus_of_quota("9223372036854775807 9223372036854775807"), 1);
}

// Each child is a process of its own, as the budget is read once.
class ThreadBudgetDeathTest : public ::testing::Test {
 protected:
  ThreadBudgetDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  [[noreturn]] static void exit_with_budget(const char* threads) {
    threads != nullptr ? setenv("XPURT_THREADS", threads, 1) : unsetenv("XPURT_THREADS");
    std::exit(thread_budget());
  }
};

TEST_F(ThreadBudgetDeathTest, FollowsXpurtThreads) {
  EXPECT_EXIT(exit_with_budget("37"), ExitedWithCode(37), Eq(""));
}

TEST_F(ThreadBudgetDeathTest, WarnsOfWhatIsNoNumberAndPassesItOver) {
  for (const char* value : {"many", "0", "-2", "3.5", "4 "}) {
    EXPECT_EXIT(
        {
          setenv("XPURT_THREADS", value, 1);
          std::exit(thread_budget() >= 1 ? 0 : 1);
        },
        ExitedWithCode(0),
        HasSubstr("XPURT_THREADS='" + std::string(value) + "' is not a number of threads"));
  }
}

TEST_F(ThreadBudgetDeathTest, IsNoMoreThanTheAffinityAllows) {
  EXPECT_EXIT(
      {
        cpu_set_t set;
        if (sched_getaffinity(0, sizeof(set), &set) != 0) std::exit(101);
        int first = 0;
        while (!CPU_ISSET(first, &set)) ++first;
        CPU_ZERO(&set);
        CPU_SET(first, &set);
        if (sched_setaffinity(0, sizeof(set), &set) != 0) std::exit(102);
        exit_with_budget(nullptr);
      },
      ExitedWithCode(1), Eq(""));
}

}  // namespace
}  // namespace xpuruntime
