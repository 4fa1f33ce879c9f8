// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "toolkit/benchmark.h"

namespace xpuruntime::toolkit {

/// Memory of the process after so many runs.
struct MemorySample {
  uint64_t runs = 0;
  uint64_t resident_bytes = 0;
};

/// Does memory go on growing with the runs?
struct MemoryGrowth {
  uint64_t runs = 0;         ///< that were watched
  double bytes_per_run = 0;  ///< of the fit; below 0: memory was given back
  int64_t growth_bytes = 0;  ///< from the first sample to the last, one-off steps too
  bool grows = false;        ///< the verdict
};

/// Fits a line by least squares to each fifth of the samples; the median of the five slopes is
/// bytes_per_run. So one-off steps, of a pool or a cache that is filled, and growth that levels off
/// count for nothing, while a leak shows in each part. It is a leak when four of the five slopes
/// are above 0 and the median makes more than 128 KiB, the step of malloc's heap, of all runs.
/// Throws InvalidArgumentError for fewer than 10 samples.
MemoryGrowth fit_growth(std::span<const MemorySample> samples);

/// Runs, as `options` say, and looks at the resident set about a hundred times. What `run` throws
/// goes through. Throws InvalidArgumentError for fewer than 10 iterations. When it is stopped
/// early, the verdict is of the runs until then, and `grows` false where they were too few.
MemoryGrowth watch_memory(const std::function<void()>& run, const BenchmarkOptions& options);

}  // namespace xpuruntime::toolkit
