// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace xpuruntime {

/// How long the runs of a session take in the engine. The times are those of the last 1024 runs
/// that were timed: all of them at first and where runs take 100 us or more, later one in 32 of
/// those that a Context does in less, so that the clock costs a short run next to nothing. A
/// percentile is one of the times (nearest rank), not a value between two.
struct LatencyStatistics {
  uint64_t count = 0;    ///< runs that succeeded; a joined run of many items is one
  uint32_t samples = 0;  ///< times that the rest is of
  std::chrono::nanoseconds last{0};
  std::chrono::nanoseconds mean{0};
  std::chrono::nanoseconds standard_deviation{0};
  std::chrono::nanoseconds min{0};
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p90{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
};

}  // namespace xpuruntime
