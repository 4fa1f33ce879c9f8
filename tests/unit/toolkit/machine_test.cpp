// SPDX-License-Identifier: Apache-2.0
#include "toolkit/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/temporary_folder.h"

namespace xpuruntime::toolkit {
namespace {

TEST(MachineTest, KnowsThisMachine) {
  const MachineFacts facts = machine_facts();
  EXPECT_GE(facts.cores_online, 1u);
  EXPECT_GE(facts.cores_allowed, 1u);
  EXPECT_GT(facts.memory_bytes, uint64_t{1} << 28);
  EXPECT_THAT(facts.kernel, ::testing::StartsWith("Linux "));
  EXPECT_EQ(facts.load_average.size(), 3u);
}

TEST(MachineTest, ReadsWhatTheKernelWrites) {
  const TemporaryFolder root;
  root.write("proc/cpuinfo",
             "processor\t: 0\nmodel name\t: A Fine CPU @ 2.00GHz\nflags\t\t: fpu avx2 fma sse\n");
  root.write("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");
  root.write("proc/loadavg", "0.50 1.25 2.00 1/100 4242\n");
  root.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  const MachineFacts facts = machine_facts(root / "");
  EXPECT_EQ(facts.cpu_model, "A Fine CPU @ 2.00GHz");
  EXPECT_THAT(facts.cpu_features, ::testing::ElementsAre("avx2", "fma"));
  EXPECT_EQ(facts.memory_bytes, uint64_t{16} << 20);
  EXPECT_THAT(facts.load_average, ::testing::ElementsAre(0.5, 1.25, 2.0));
  EXPECT_EQ(facts.governor, "performance");
}

TEST(MachineTest, TakesTheTightestQuotaOnTheWayUp) {
  const TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/outer/inner\n");
  root.write("sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  root.write("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/outer/memory.max", "max\n");
  root.write("sys/fs/cgroup/outer/inner/memory.max", "1048576\n");
  const MachineFacts facts = machine_facts(root / "");
  EXPECT_EQ(facts.cpu_quota, 1.5);
  EXPECT_EQ(facts.memory_limit_bytes, uint64_t{1} << 20);
}

TEST(MachineTest, ReadsTheQuotaOfVersion1) {
  const TemporaryFolder root;
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(machine_facts(root / "").cpu_quota, 2.0);
}

TEST(MachineTest, LeavesOutWhatIsNotThere) {
  const TemporaryFolder root;
  const MachineFacts facts = machine_facts(root / "");
  EXPECT_EQ(facts.cpu_model, "");
  EXPECT_EQ(facts.cpu_quota, std::nullopt);
  EXPECT_EQ(facts.memory_limit_bytes, std::nullopt);
  EXPECT_TRUE(facts.load_average.empty());
}

TEST(MachineTest, KnowsTheMemoryOfThisProcess) {
  const ProcessMemory memory = process_memory();
  EXPECT_GT(memory.resident_bytes, uint64_t{1} << 20);
  EXPECT_GE(memory.peak_resident_bytes, memory.resident_bytes);
}

}  // namespace
}  // namespace xpuruntime::toolkit
