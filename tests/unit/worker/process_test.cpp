// SPDX-License-Identifier: Apache-2.0
#include "worker/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "two_ends.h"
#include "worker/descriptor.h"

namespace xpuruntime::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A shell that runs `script`.
ProcessSpec shell(const std::string& script) { return {.command = {"/bin/sh", "-c", script}}; }

std::string output_of(ProcessSpec spec) {
  const auto process = Process::start(std::move(spec));
  EXPECT_TRUE(process->wait(soon()));
  return process->last_lines();
}

TEST(ProcessTest, TellsHowItEnded) {
  const auto exits = Process::start(shell("exit 3"));
  ASSERT_TRUE(exits->wait(soon()));
  EXPECT_FALSE(exits->lives());
  EXPECT_EQ(exits->ending(), "exited with code 3");
  const auto dies = Process::start(shell("kill -ABRT $$"));
  ASSERT_TRUE(dies->wait(soon()));
  EXPECT_EQ(dies->ending(), "was killed by signal 6 (Aborted)");
}

TEST(ProcessTest, ReadsItsLinesFromBothOutputs) {
  ProcessSpec spec = shell("echo one; echo two >&2; printf 'three, without an end'");
  std::mutex mutex;
  std::vector<std::string> told;
  spec.on_line = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    told.push_back(line);
  };
  EXPECT_EQ(output_of(std::move(spec)), "one\ntwo\nthree, without an end");
  EXPECT_THAT(told, ElementsAre("one", "two", "three, without an end"));
}

TEST(ProcessTest, KeepsTheLastLinesOnly) {
  const std::string text =
      output_of(shell("i=0; while [ $i -lt 100 ]; do echo line $i; "
                      "i=$((i+1)); done; head -c 100000 /dev/zero"));
  EXPECT_THAT(text, testing::Not(HasSubstr("line 79\n")));
  EXPECT_LT(text.size(), 100'000u);
}

TEST(ProcessTest, GivesItsChildTheEnvironmentAndWhatItInherits) {
  ProcessSpec spec = shell("echo $XPURT_TEST_WORD; echo to parent >&3; ls /proc/self/fd | wc -l");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);  // not closed on exec, as a program's own may be
  const Descriptor in(ends[0]);
  Descriptor out(ends[1]);
  spec.environment = {{"XPURT_TEST_WORD", "given"}};
  spec.inherited = out.get();
  EXPECT_EQ(output_of(std::move(spec)), "given\n5");  // 0, 1, 2, 3, and the folder itself
  out.reset();
  char text[32] = {};
  EXPECT_EQ(read(in.get(), text, sizeof(text)), 10);
  EXPECT_STREQ(text, "to parent\n");
}

TEST(ProcessTest, LimitsMemoryAndProcessors) {
  ProcessSpec spec = shell("ulimit -v; grep Cpus_allowed_list /proc/self/status");
  spec.memory_limit = 512'000'000;
  cpu_set_t ours;
  ASSERT_EQ(sched_getaffinity(0, sizeof(ours), &ours), 0);
  int first = 0;
  while (!CPU_ISSET(static_cast<size_t>(first), &ours)) ++first;
  spec.cpus = {first};
  EXPECT_EQ(output_of(std::move(spec)), "500000\nCpus_allowed_list:\t" + std::to_string(first));
}

TEST(ProcessTest, SaysThatAProgramCannotBeStarted) {
  EXPECT_THROW(Process::start({.command = {"/no/such/program"}}), TransportFailure);
  ProcessSpec spec = shell("exit 0");
  spec.cpus = {CPU_SETSIZE - 1};
  EXPECT_THROW(Process::start(std::move(spec)), TransportFailure);
}

TEST(ProcessTest, IsKilledWithItsOwner) {
  pid_t pid = 0;
  {
    const auto process = Process::start(shell("while true; do sleep 100; done"));
    pid = process->pid();
    EXPECT_TRUE(process->lives());
    EXPECT_FALSE(process->wait(Clock::now()));
  }
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
}

TEST(ProcessTest, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<Process> process;
  std::thread([&] { process = Process::start(shell("read word; exit 4")); }).join();
  // Its standard input is empty, so it ends by itself; a death signal would be told instead.
  ASSERT_TRUE(process->wait(soon()));
  EXPECT_EQ(process->ending(), "exited with code 4");
}

}  // namespace
}  // namespace xpuruntime::worker
