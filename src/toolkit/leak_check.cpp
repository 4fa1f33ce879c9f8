// SPDX-License-Identifier: Apache-2.0
#include "toolkit/leak_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "toolkit/machine.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kParts = 5;
constexpr size_t kFewestSamples = 2 * kParts;
constexpr uint64_t kSamples = 100;
constexpr double kNoticeableBytes = 128 * 1024;

double slope(std::span<const MemorySample> samples) {
  double mean_runs = 0, mean_bytes = 0;
  for (const MemorySample& sample : samples) {
    mean_runs += static_cast<double>(sample.runs) / static_cast<double>(samples.size());
    mean_bytes += static_cast<double>(sample.resident_bytes) / static_cast<double>(samples.size());
  }
  double covariance = 0, variance = 0;
  for (const MemorySample& sample : samples) {
    const double runs = static_cast<double>(sample.runs) - mean_runs;
    covariance += runs * (static_cast<double>(sample.resident_bytes) - mean_bytes);
    variance += runs * runs;
  }
  return variance > 0 ? covariance / variance : 0;
}

}  // namespace

MemoryGrowth fit_growth(std::span<const MemorySample> samples) {
  if (samples.size() < kFewestSamples) {
    throw InvalidArgumentError("leak check: expected at least " + std::to_string(kFewestSamples) +
                               " samples, got " + std::to_string(samples.size()));
  }
  std::array<double, kParts> slopes{};
  for (size_t part = 0; part < kParts; ++part) {
    const size_t begin = samples.size() * part / kParts;
    const size_t end = samples.size() * (part + 1) / kParts;
    slopes[part] = slope(samples.subspan(begin, end - begin));
  }
  std::ranges::sort(slopes);
  MemoryGrowth growth;
  growth.runs = samples.back().runs - samples.front().runs;
  growth.bytes_per_run = slopes[kParts / 2];
  growth.growth_bytes = static_cast<int64_t>(samples.back().resident_bytes) -
                        static_cast<int64_t>(samples.front().resident_bytes);
  growth.grows =
      slopes[1] > 0 && growth.bytes_per_run * static_cast<double>(growth.runs) > kNoticeableBytes;
  return growth;
}

MemoryGrowth watch_memory(const std::function<void()>& run, const BenchmarkOptions& options) {
  if (options.iterations > 0 && options.iterations < kFewestSamples) {
    throw InvalidArgumentError("leak check: expected at least " + std::to_string(kFewestSamples) +
                               " iterations, got " + std::to_string(options.iterations));
  }
  const uint64_t parts = options.iterations > 0 ? std::min(kSamples, options.iterations) : kSamples;
  BenchmarkOptions part{.warm_up = options.warm_up,
                        .seconds = options.seconds / static_cast<double>(parts),
                        .should_stop = options.should_stop};
  std::vector<MemorySample> samples;
  samples.reserve(parts);
  uint64_t runs = 0;
  double seconds = 0;
  for (uint64_t i = 0; i < parts; ++i) {
    if (options.iterations > 0) part.iterations = options.iterations * (i + 1) / parts - runs;
    const BenchmarkResult result = benchmark(run, part);
    if (result.interrupted) break;
    part.warm_up = 0;
    runs += result.latencies.size();
    seconds += result.seconds;
    samples.push_back({runs, process_memory().resident_bytes});
    if (options.progress) {
      const double fraction = static_cast<double>(i + 1) / static_cast<double>(parts);
      options.progress({false, runs, seconds, fraction});
    }
  }
  return samples.size() < kFewestSamples ? MemoryGrowth{.runs = runs} : fit_growth(samples);
}

}  // namespace xpuruntime::toolkit
