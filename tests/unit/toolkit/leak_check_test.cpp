// SPDX-License-Identifier: Apache-2.0
#include "toolkit/leak_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
constexpr const char* kWhySkipped = "a sanitizer's own memory grows with every allocation";

constexpr uint64_t kRunsApart = 200;
constexpr uint64_t kAtFirst = 100 << 20;

/// A hundred samples, of 20,000 runs; `bytes(i)` comes on top of what there is at first.
std::vector<MemorySample> series(const std::function<int64_t(int64_t i)>& bytes) {
  std::vector<MemorySample> samples;
  for (int64_t i = 0; i < 100; ++i) {
    samples.push_back({static_cast<uint64_t>(i + 1) * kRunsApart,
                       static_cast<uint64_t>(static_cast<int64_t>(kAtFirst) + bytes(i))});
  }
  return samples;
}

TEST(LeakCheckTest, LevelMemoryIsNoLeak) {
  const MemoryGrowth growth = fit_growth(series([](int64_t) { return 0; }));
  EXPECT_EQ(growth.bytes_per_run, 0);
  EXPECT_EQ(growth.growth_bytes, 0);
  EXPECT_EQ(growth.runs, 99 * kRunsApart);
  EXPECT_FALSE(growth.grows);
}

TEST(LeakCheckTest, FindsTheSlopeOfALeak) {
  const MemoryGrowth growth = fit_growth(series([](int64_t i) { return i * 200 * 100; }));
  EXPECT_NEAR(growth.bytes_per_run, 100, 1e-6);
  EXPECT_EQ(growth.growth_bytes, 99 * 200 * 100);
  EXPECT_TRUE(growth.grows);
}

TEST(LeakCheckTest, FindsALeakThatMallocTurnsIntoSteps) {
  // 100 bytes a run, by heap steps of 132 KiB.
  const auto steps = [](int64_t i) { return i * 200 * 100 / (132 << 10) * (132 << 10); };
  const MemoryGrowth growth = fit_growth(series(steps));
  EXPECT_NEAR(growth.bytes_per_run, 100, 25);
  EXPECT_TRUE(growth.grows);
}

TEST(LeakCheckTest, StepsThatComeOnceAreNoLeak) {
  for (const int64_t at : {1, 33, 50, 77, 99}) {
    const MemoryGrowth growth =
        fit_growth(series([at](int64_t i) { return i < at ? 0 : int64_t{64} << 20; }));
    EXPECT_FALSE(growth.grows) << at;
    EXPECT_EQ(growth.growth_bytes, 64 << 20) << at;
    EXPECT_EQ(growth.bytes_per_run, 0) << at;
  }
}

TEST(LeakCheckTest, GrowthThatLevelsOffIsNoLeak) {
  const MemoryGrowth growth =
      fit_growth(series([](int64_t i) { return std::min(i, int64_t{45}) * (1 << 20); }));
  EXPECT_FALSE(growth.grows);
}

TEST(LeakCheckTest, MemoryThatGoesUpAndDownIsNoLeak) {
  const MemoryGrowth growth =
      fit_growth(series([](int64_t i) { return (i * 7919 % 13) * (64 << 10); }));
  EXPECT_FALSE(growth.grows);
  EXPECT_FALSE(fit_growth(series([](int64_t i) { return -i * 4096; })).grows);
}

TEST(LeakCheckTest, GrowthTooSmallToBeToldIsNoLeak) {
  EXPECT_FALSE(fit_growth(series([](int64_t i) { return i * 1000; })).grows) << "5 bytes a run";
}

TEST(LeakCheckTest, RefusesToJudgeByTooLittle) {
  EXPECT_THROW(fit_growth(std::vector<MemorySample>(9)), InvalidArgumentError);
  EXPECT_THROW(watch_memory([] {}, {.iterations = 9}), InvalidArgumentError);
  EXPECT_THROW(watch_memory([] {}, {.seconds = 0}), InvalidArgumentError);
}

TEST(LeakCheckTest, WatchesAsManyRunsAsItIsTold) {
  if (kIsSanitized) GTEST_SKIP() << kWhySkipped;
  int calls = 0;
  const MemoryGrowth growth = watch_memory([&] { ++calls; }, {.warm_up = 7, .iterations = 1234});
  EXPECT_EQ(calls, 1234 + 7);
  EXPECT_FALSE(growth.grows);
}

TEST(LeakCheckTest, SeesALeakOfThisProcess) {
  if (kIsSanitized) GTEST_SKIP() << kWhySkipped;
  std::vector<std::unique_ptr<char[]>> leaked;
  const auto run = [&] {
    constexpr size_t kBytes = 16 << 10;
    leaked.push_back(std::make_unique<char[]>(kBytes));  // zeroed, so that it is resident
  };
  const MemoryGrowth growth = watch_memory(run, {.iterations = 2000});
  EXPECT_TRUE(growth.grows);
  EXPECT_NEAR(growth.bytes_per_run, 16 << 10, 2 << 10);
}

TEST(LeakCheckTest, SaysNothingOfRunsThatWereStoppedEarly) {
  int calls = 0;
  const MemoryGrowth growth =
      watch_memory([&] { ++calls; },
                   {.warm_up = 0, .iterations = 1000, .should_stop = [&] { return calls > 20; }});
  EXPECT_FALSE(growth.grows);
  EXPECT_LE(growth.runs, 21U);
}

}  // namespace
}  // namespace xpuruntime::toolkit
