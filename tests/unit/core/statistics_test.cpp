// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/statistics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/latency_window.h"
#include "fake_session.h"
#include "tensors.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;

TEST(StatisticsTest, OfNothingAreZero) {
  const LatencyStatistics none = LatencyWindow().statistics();
  EXPECT_EQ(none.samples, 0U);
  EXPECT_EQ(none.p99, 0ns);
}

TEST(StatisticsTest, AreThoseOfTheTimes) {
  LatencyWindow window;
  for (int i = 1; i <= 100; ++i) window.add(std::chrono::nanoseconds(i));
  const LatencyStatistics statistics = window.statistics();
  EXPECT_EQ(statistics.samples, 100U);
  EXPECT_EQ(statistics.last, 100ns);
  EXPECT_EQ(statistics.mean, 51ns);                // 50.5, rounded
  EXPECT_EQ(statistics.standard_deviation, 29ns);  // sqrt((100^2 - 1) / 12) = 28.87
  EXPECT_EQ(statistics.min, 1ns);
  EXPECT_EQ(statistics.p50, 50ns);
  EXPECT_EQ(statistics.p90, 90ns);
  EXPECT_EQ(statistics.p99, 99ns);
  EXPECT_EQ(statistics.max, 100ns);
}

TEST(StatisticsTest, ForgetTimesThatAreLongPast) {
  LatencyWindow window;
  window.add(1h);
  for (int i = 0; i < 1024; ++i) window.add(1ns);
  EXPECT_EQ(window.statistics().samples, 1024U);
  EXPECT_EQ(window.statistics().max, 1ns);
}

TEST(StatisticsTest, TakeTimesOfManyThreads) {
  LatencyWindow window;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) window.add(5ns);
        EXPECT_EQ(window.statistics().max, 5ns);
      });
    }
  }
  EXPECT_EQ(window.statistics().mean, 5ns);
}

TEST(StatisticsTest, CountEveryRunThatSucceeded) {
  const InferenceSession session = open_fake(kScale, {.contexts = 2, .max_batch_size = 8});
  EXPECT_EQ(session.statistics().count, 0U);
  for (int i = 0; i < 500; ++i) session.run({{"x", row(1, 2)}});
  session.run_async({{"x", row(1, 2)}}).wait();
  session.run_batch({{"x", Tensor(DType::kFloat32, {4, 2})}});
  EXPECT_THROW(session.run({{"x", row(1, 2)}}, {.timeout = 0ns}), DeadlineExceededError);
  const LatencyStatistics statistics = session.statistics();
  EXPECT_EQ(statistics.count, 502U);
  EXPECT_GE(statistics.samples, 64U);
  EXPECT_LE(statistics.samples, 502U);
  EXPECT_GT(statistics.last.count(), 0);
  EXPECT_LE(statistics.min, statistics.p50);
  EXPECT_LE(statistics.p50, statistics.p90);
  EXPECT_LE(statistics.p90, statistics.p99);
  EXPECT_LE(statistics.p99, statistics.max);
}

TEST(StatisticsTest, TimeEachOfTheFirstRuns) {
  const InferenceSession session = open_fake(kScale);
  for (int i = 0; i < 64; ++i) session.run({{"x", row(1, 2)}});
  EXPECT_EQ(session.statistics().samples, 64U);
}

TEST(StatisticsTest, RememberRunsOfContextsThatAreGone) {
  InferenceSession session = open_fake(kScale);
  session.run({{"x", row(1, 2)}});
  session.close();
  EXPECT_EQ(session.statistics().count, 1U);
}

}  // namespace
}  // namespace xpuruntime
