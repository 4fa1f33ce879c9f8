// SPDX-License-Identifier: Apache-2.0
#include "toolkit/round_robin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

/// Long enough by their own word to be alone in a turn.
constexpr double kLong = 1;

TEST(RoundRobinTest, GivesEachOneTurnARoundInAnOrderOfItsOwn) {
  std::string order;
  std::vector<TimedRun> runs;
  for (const char name : {'a', 'b', 'c'}) {
    runs.push_back({.run = [&order, name] { order += name; }, .expected_seconds = kLong});
  }
  EXPECT_FALSE(time_round_robin(runs, {.iterations = 20}));
  ASSERT_EQ(order.size(), 60U);
  std::vector<std::string> rounds;
  for (size_t i = 0; i < order.size(); i += 3) {
    rounds.push_back(order.substr(i, 3));
    std::string sorted = rounds.back();
    std::ranges::sort(sorted);
    EXPECT_EQ(sorted, "abc");
  }
  std::ranges::sort(rounds);
  EXPECT_NE(rounds.front(), rounds.back());
  for (const auto& each : runs) EXPECT_EQ(each.latencies.size(), 20U);
}

TEST(RoundRobinTest, LeavesOutTheFirstOfATurnOfShortRuns) {
  int calls = 0;
  std::vector<TimedRun> runs{{.run = [&] { ++calls; }, .expected_seconds = 1e-3}};
  time_round_robin(runs, {.iterations = 4});
  EXPECT_EQ(runs[0].latencies.size(), 4U);
  EXPECT_EQ(calls, 6) << "two turns of two, and one before each";
}

TEST(RoundRobinTest, RunsAtLeastOnceInAnyTime) {
  std::vector<TimedRun> runs{{.run = [] {}, .expected_seconds = kLong}};
  time_round_robin(runs, {.seconds = 1e-12});
  EXPECT_EQ(runs[0].latencies.size(), 1U);
}

TEST(RoundRobinTest, KeepsWhatOneThrowsAndGoesOnWithTheOthers) {
  int calls = 0;
  std::vector<TimedRun> runs{{.run =
                                  [&] {
                                    if (++calls == 3) throw std::runtime_error("no");
                                  },
                              .expected_seconds = kLong},
                             {.run = [] {}, .expected_seconds = kLong}};
  EXPECT_FALSE(time_round_robin(runs, {.iterations = 10}));
  EXPECT_TRUE(runs[0].error);
  EXPECT_EQ(runs[0].latencies.size(), 2U);
  EXPECT_FALSE(runs[1].error);
  EXPECT_EQ(runs[1].latencies.size(), 10U);
}

TEST(RoundRobinTest, StopsBetweenRuns) {
  int calls = 0;
  std::vector<TimedRun> runs{{.run = [&] { ++calls; }, .expected_seconds = kLong}};
  EXPECT_TRUE(
      time_round_robin(runs, {.iterations = 100, .should_stop = [&] { return calls == 7; }}));
  EXPECT_EQ(runs[0].latencies.size(), 7U);
}

TEST(RoundRobinTest, NeedsAnAmount) {
  std::vector<TimedRun> runs{{.run = [] {}}};
  EXPECT_THROW(time_round_robin(runs, {.seconds = 0}), InvalidArgumentError);
}

}  // namespace
}  // namespace xpuruntime::toolkit
