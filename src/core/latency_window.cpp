// SPDX-License-Identifier: Apache-2.0
#include "latency_window.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace xpuruntime {

LatencyStatistics LatencyWindow::statistics() const {
  const uint64_t added = added_.load(std::memory_order_relaxed);
  LatencyStatistics statistics;
  const auto count = static_cast<size_t>(std::min<uint64_t>(added, kSize));
  if (count == 0) return statistics;
  std::vector<int64_t> times(count);
  for (size_t i = 0; i < count; ++i) times[i] = times_[i].load(std::memory_order_relaxed);
  const int64_t last = times[(added - 1) % kSize];
  std::ranges::sort(times);

  double sum = 0;
  for (const int64_t time : times) sum += static_cast<double>(time);
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (const int64_t time : times) {
    squares += (static_cast<double>(time) - mean) * (static_cast<double>(time) - mean);
  }
  const auto nearest_rank = [&](size_t percent) {
    return std::chrono::nanoseconds(times[(count * percent + 99) / 100 - 1]);
  };
  statistics.samples = static_cast<uint32_t>(count);
  statistics.last = std::chrono::nanoseconds(last);
  statistics.mean = std::chrono::nanoseconds(std::llround(mean));
  statistics.standard_deviation =
      std::chrono::nanoseconds(std::llround(std::sqrt(squares / static_cast<double>(count))));
  statistics.min = std::chrono::nanoseconds(times.front());
  statistics.p50 = nearest_rank(50);
  statistics.p90 = nearest_rank(90);
  statistics.p99 = nearest_rank(99);
  statistics.max = std::chrono::nanoseconds(times.back());
  return statistics;
}

}  // namespace xpuruntime
