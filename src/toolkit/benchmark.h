// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace xpuruntime::toolkit {

struct BenchmarkProgress {
  bool warming_up = false;
  uint64_t runs = 0;    ///< done in this phase
  double seconds = 0;   ///< spent in this phase
  double fraction = 0;  ///< of this phase, 0..1
};

struct BenchmarkOptions {
  uint64_t warm_up = 10;    ///< runs that are not counted
  uint64_t iterations = 0;  ///< counted runs; 0: as many as `seconds` allows
  double seconds = 5;       ///< of counted runs, used when `iterations` is 0; at least one is made
  /// Asked between runs; true ends the benchmark with what there is.
  std::function<bool()> should_stop{};
  /// Told about ten times a second, between runs.
  std::function<void(const BenchmarkProgress&)> progress{};
};

struct BenchmarkResult {
  std::vector<double> latencies;     ///< seconds, one a counted run, in order
  double seconds = 0;                ///< from the first counted run's start to the last one's end
  bool interrupted = false;          ///< should_stop() said so; latencies may be empty
  uint64_t resident_bytes = 0;       ///< of the process, after warming up
  uint64_t peak_resident_bytes = 0;  ///< of the process so far

  double runs_per_second() const;  ///< 0 when nothing was counted
};

/// Times `run` with the steady clock, one run at a time. What `run` throws goes through.
/// Throws InvalidArgumentError when neither iterations nor seconds are above 0.
BenchmarkResult benchmark(const std::function<void()>& run, const BenchmarkOptions& options);

}  // namespace xpuruntime::toolkit
