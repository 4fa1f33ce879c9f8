// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace xpuruntime::toolkit {

/// All of these take at least one value, and throw InvalidArgumentError when there is none.

double mean(std::span<const double> values);
/// Of a sample: the sum of squares is divided by n - 1; 0 for a single value.
double standard_deviation(std::span<const double> values);
/// Standard deviation over mean; 0 where the mean is 0.
double coefficient_of_variation(std::span<const double> values);
/// `percent` in 0..100, of values in ascending order: linear between the two closest ranks, which
/// is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), and NumPy's
/// default.
double percentile(std::span<const double> ascending, double percent);

/// What is told of a series of measurements, in their unit.
struct Summary {
  size_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p999 = 0;
  double min = 0;
  double max = 0;
  double coefficient_of_variation = 0;
};

Summary summarize(std::span<const double> values);

}  // namespace xpuruntime::toolkit
