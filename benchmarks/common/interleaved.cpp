// SPDX-License-Identifier: Apache-2.0
#include "common/interleaved.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace xpuruntime::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double time_calls(const Variant& variant, int calls) {
  const auto begin = Clock::now();
  for (int i = 0; i < calls; ++i) variant.once();
  const std::chrono::duration<double, std::micro> all = Clock::now() - begin;
  return all.count() / calls;
}

}  // namespace

Timings time_interleaved(std::span<const Variant> variants, int rounds, double slice_ms,
                         int least_calls) {
  std::vector<int> calls;
  for (const Variant& variant : variants) {
    time_calls(variant, 10);  // what is set up on the first calls is not timed
    const double once = time_calls(variant, 20);
    calls.push_back(std::max(least_calls, static_cast<int>(slice_ms * 1000 / once)));
  }
  Timings timings(variants.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t k = 0; k < variants.size(); ++k) {
      const size_t i = (k + static_cast<size_t>(round)) % variants.size();
      variants[i].once();  // brings back what the other variants drove out of the caches
      timings[i].push_back(time_calls(variants[i], calls[i]));
    }
  }
  return timings;
}

double median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(sorted.begin(), middle)) / 2;
}

Ratio ratio_of_medians(std::span<const double> times, std::span<const double> baseline) {
  constexpr size_t kDraws = 2000;
  std::mt19937_64 random(1);
  std::uniform_int_distribution<size_t> draw(0, times.size() - 1);
  std::vector<double> ratios;
  std::vector<double> above(times.size());
  std::vector<double> below(times.size());
  for (size_t i = 0; i < kDraws; ++i) {
    for (size_t j = 0; j < times.size(); ++j) {
      const size_t round = draw(random);
      above[j] = times[round];
      below[j] = baseline[round];
    }
    ratios.push_back(median(above) / median(below));
  }
  std::ranges::sort(ratios);
  return {median(times) / median(baseline), ratios[kDraws * 25 / 1000],
          ratios[kDraws * 975 / 1000 - 1]};
}

}  // namespace xpuruntime::benchmarks
