// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "xpuruntime/export.h"

namespace xpuruntime::toolkit {

/// What is told of a series of measurements, in their unit. A percentile is linear between the two
/// closest ranks: type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996).
struct Summary {
  size_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p999 = 0;
  double min = 0;
  double max = 0;
  double coefficient_of_variation = 0;  ///< standard deviation over mean
};

/// Throws InvalidArgumentError when there is no value.
XPURT_API Summary summarize(std::span<const double> values);

}  // namespace xpuruntime::toolkit
