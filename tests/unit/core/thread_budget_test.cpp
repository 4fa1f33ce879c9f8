// SPDX-License-Identifier: Apache-2.0
#include "core/thread_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <string>

#include "unit/temporary_folder.h"

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

/// A machine whose control groups are files.
class CgroupTest : public ::testing::Test {
 protected:
  void set_group(const std::string& line) { folder_.write("proc/self/cgroup", line + "\n"); }
  void set_quota(const std::string& group, const std::string& line) {
    folder_.write("sys/fs/cgroup/" + group + "cpu.max", line + "\n");
  }
  int32_t cpus() const { return cpus_of_cgroup(folder_.path()); }

 private:
  const TemporaryFolder folder_;
};

TEST_F(CgroupTest, GrantsWhatTheQuotaOfTheProcessesGroupIs) {
  set_group("0::/user.slice/server");
  set_quota("user.slice/server/", "300000 100000");
  EXPECT_EQ(cpus(), 3);
}

TEST_F(CgroupTest, TheLeastOfAllAboveCounts) {
  set_group("0::/user.slice/server");
  set_quota("user.slice/server/", "400000 100000");
  set_quota("user.slice/", "150000 100000");
  set_quota("", "800000 100000");
  EXPECT_EQ(cpus(), 2);
}

TEST_F(CgroupTest, APathOfAnotherNamespaceHasTheTopFolderAlone) {
  set_group("0::/");
  set_quota("", "500000 100000");
  EXPECT_EQ(cpus(), 5);
}

TEST_F(CgroupTest, IsNoBoundWithoutAQuota) {
  EXPECT_EQ(cpus(), 0) << "there are no control groups";
  set_group("5:cpu:/old");
  EXPECT_EQ(cpus(), 0) << "of version 1";
  set_group("0::/server");
  set_quota("server/", "max 100000");
  EXPECT_EQ(cpus(), 0);
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
