// SPDX-License-Identifier: Apache-2.0
#include "toolkit/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

void require_values(std::span<const double> values) {
  if (values.empty()) throw InvalidArgumentError("statistics of no values");
}

}  // namespace

double mean(std::span<const double> values) {
  require_values(values);
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  const double center = mean(values);
  if (values.size() == 1) return 0;
  double squares = 0;
  for (const double value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double coefficient_of_variation(std::span<const double> values) {
  const double center = mean(values);
  return center == 0 ? 0 : standard_deviation(values) / std::abs(center);
}

double percentile(std::span<const double> ascending, double percent) {
  require_values(ascending);
  if (!(percent >= 0 && percent <= 100)) {
    throw InvalidArgumentError("percentile: expected 0 to 100, got " + std::to_string(percent));
  }
  const double rank = percent / 100 * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, ascending.size() - 1);
  const double share = rank - static_cast<double>(below);
  return ascending[below] + share * (ascending[above] - ascending[below]);
}

Summary summarize(std::span<const double> values) {
  require_values(values);
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  return {.count = sorted.size(),
          .mean = mean(sorted),
          .p50 = percentile(sorted, 50),
          .p90 = percentile(sorted, 90),
          .p99 = percentile(sorted, 99),
          .p999 = percentile(sorted, 99.9),
          .min = sorted.front(),
          .max = sorted.back(),
          .coefficient_of_variation = coefficient_of_variation(sorted)};
}

}  // namespace xpuruntime::toolkit
