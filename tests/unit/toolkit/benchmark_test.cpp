// SPDX-License-Identifier: Apache-2.0
#include "toolkit/benchmark.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

TEST(BenchmarkTest, CountsTheIterationsAskedForAfterWarmingUp) {
  int runs = 0;
  BenchmarkOptions options;
  options.warm_up = 3;
  options.iterations = 5;
  const auto result = benchmark([&] { ++runs; }, options);
  EXPECT_EQ(runs, 8);
  EXPECT_EQ(result.latencies.size(), 5u);
  EXPECT_FALSE(result.interrupted);
  EXPECT_GT(result.runs_per_second(), 0);
}

TEST(BenchmarkTest, RunsAtLeastOnceInAnyTime) {
  BenchmarkOptions options;
  options.warm_up = 0;
  options.seconds = 1e-9;
  EXPECT_GE(benchmark([] {}, options).latencies.size(), 1u);
}

TEST(BenchmarkTest, GivesWhatThereIsWhenInterrupted) {
  int runs = 0;
  BenchmarkOptions options;
  options.warm_up = 0;
  options.iterations = 100;
  options.should_stop = [&] { return runs == 7; };
  const auto result = benchmark([&] { ++runs; }, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.latencies.size(), 7u);
}

TEST(BenchmarkTest, CountsNothingWhenInterruptedWhileWarmingUp) {
  BenchmarkOptions options;
  options.should_stop = [] { return true; };
  const auto result = benchmark([] { FAIL(); }, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(result.latencies.empty());
  EXPECT_EQ(result.runs_per_second(), 0);
}

TEST(BenchmarkTest, TellsOfBothPhases) {
  bool warmed_up = false, counted = false;
  BenchmarkOptions options;
  options.iterations = 1;
  options.progress = [&](const BenchmarkProgress& progress) {
    (progress.warming_up ? warmed_up : counted) = true;
    EXPECT_GE(progress.fraction, 0);
    EXPECT_LE(progress.fraction, 1);
  };
  benchmark([] {}, options);
  EXPECT_TRUE(warmed_up);
  EXPECT_TRUE(counted);
}

TEST(BenchmarkTest, LetsErrorsThrough) {
  EXPECT_THROW(benchmark([] { throw std::runtime_error("no"); }, {}), std::runtime_error);
}

TEST(BenchmarkTest, RejectsABenchmarkOfNothing) {
  BenchmarkOptions options;
  options.seconds = 0;
  EXPECT_THROW(benchmark([] {}, options), InvalidArgumentError);
}

TEST(BenchmarkTest, MeasuresTheMemoryOfTheProcess) {
  BenchmarkOptions options;
  options.iterations = 1;
  const auto result = benchmark([] {}, options);
  EXPECT_GT(result.resident_bytes, uint64_t{1} << 20);
  EXPECT_GE(result.peak_resident_bytes, result.resident_bytes);
}

}  // namespace
}  // namespace xpuruntime::toolkit
