// SPDX-License-Identifier: Apache-2.0
/// Timing several ways to do one thing side by side: what a shared, noisy machine does to one it
/// does to all.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace xpuruntime::benchmarks {

/// One way to do it.
struct Variant {
  std::string name;
  std::function<void()> once;
};

/// Microseconds of one call, by variant and round.
using Timings = std::vector<std::vector<double>>;

/// Times every variant in each of `rounds` rounds, in an order that turns from round to round. A
/// variant's time in a round is the mean of as many calls as take about `slice_ms`, and of
/// `least_calls`. Many short slices stand noise better than few long ones: a slice that was
/// interrupted is one of many.
Timings time_interleaved(std::span<const Variant> variants, int rounds, double slice_ms,
                         int least_calls = 1);

double median(std::span<const double> values);

struct Ratio {
  double value = 0;
  double low = 0;  ///< of the 95 % interval
  double high = 0;
};

/// Median of `times` over median of `baseline`, with a percentile bootstrap interval (Efron and
/// Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13): rounds are drawn with
/// replacement, both of a round together, since they share its noise. Deterministic.
Ratio ratio_of_medians(std::span<const double> times, std::span<const double> baseline);

}  // namespace xpuruntime::benchmarks
