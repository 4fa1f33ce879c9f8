// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "xpuruntime/toolkit/summary.h"

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

}  // namespace xpuruntime::toolkit
