// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "xpuruntime/statistics.h"

namespace xpuruntime {

/// The last times of a session's runs. Thread-safe, without a lock.
class LatencyWindow {
 public:
  void add(std::chrono::nanoseconds time) noexcept {
    const uint64_t place = added_.fetch_add(1, std::memory_order_relaxed);
    times_[place % kSize].store(time.count(), std::memory_order_relaxed);
  }
  /// All but `count`. A time that is added meanwhile is in it or is not.
  LatencyStatistics statistics() const;

 private:
  static constexpr size_t kSize = 1024;
  std::atomic<uint64_t> added_{0};
  std::array<std::atomic<int64_t>, kSize> times_{};
};

}  // namespace xpuruntime
