// SPDX-License-Identifier: Apache-2.0
#include "toolkit/statistics.h"

#include <gtest/gtest.h>

#include <array>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

TEST(StatisticsTest, InterpolatesBetweenTheClosestRanks) {
  // numpy.percentile([1, 2, 4, 8], q)
  constexpr std::array kValues{1.0, 2.0, 4.0, 8.0};
  EXPECT_DOUBLE_EQ(percentile(kValues, 0), 1);
  EXPECT_DOUBLE_EQ(percentile(kValues, 25), 1.75);
  EXPECT_DOUBLE_EQ(percentile(kValues, 50), 3);
  EXPECT_DOUBLE_EQ(percentile(kValues, 90), 6.8);
  EXPECT_DOUBLE_EQ(percentile(kValues, 100), 8);
}

TEST(StatisticsTest, TakesTheSampleStandardDeviation) {
  // statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9])
  constexpr std::array kValues{2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0};
  EXPECT_DOUBLE_EQ(mean(kValues), 5);
  EXPECT_DOUBLE_EQ(standard_deviation(kValues), 2.1380899352993952);
  EXPECT_DOUBLE_EQ(coefficient_of_variation(kValues), 2.1380899352993952 / 5);
}

TEST(StatisticsTest, KnowsASingleValue) {
  constexpr std::array kOne{3.0};
  const Summary summary = summarize(kOne);
  EXPECT_EQ(summary.count, 1u);
  EXPECT_EQ(summary.p50, 3);
  EXPECT_EQ(summary.p999, 3);
  EXPECT_EQ(summary.coefficient_of_variation, 0);
}

TEST(StatisticsTest, SummarizesInAnyOrder) {
  constexpr std::array kValues{3.0, 1.0, 2.0};
  const Summary summary = summarize(kValues);
  EXPECT_EQ(summary.min, 1);
  EXPECT_EQ(summary.p50, 2);
  EXPECT_EQ(summary.max, 3);
}

TEST(StatisticsTest, GivesNoVariationAroundZero) {
  constexpr std::array kValues{-1.0, 1.0};
  EXPECT_EQ(coefficient_of_variation(kValues), 0);
}

TEST(StatisticsTest, RejectsNoValuesAndWrongPercents) {
  constexpr std::array kOne{3.0};
  EXPECT_THROW(mean({}), InvalidArgumentError);
  EXPECT_THROW(percentile({}, 50), InvalidArgumentError);
  EXPECT_THROW(summarize({}), InvalidArgumentError);
  EXPECT_THROW(percentile(kOne, 101), InvalidArgumentError);
  EXPECT_THROW(percentile(kOne, -1), InvalidArgumentError);
}

}  // namespace
}  // namespace xpuruntime::toolkit
