// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <vector>

namespace xpuruntime::toolkit {

/// Something that is timed beside others.
struct TimedRun {
  std::function<void()> run;
  double expected_seconds = 0;      ///< of one run, about; says how many make a turn
  std::vector<double> latencies{};  ///< seconds, filled in
  double spent = 0;                 ///< their sum
  std::exception_ptr error{};       ///< what it threw; it has no further turn
};

struct RoundRobinOptions {
  uint64_t iterations = 0;                 ///< counted runs of each; 0: as many as `seconds` allows
  double seconds = 2;                      ///< of counted runs of each; at least one is made
  uint64_t seed = 0;                       ///< of the order
  std::function<bool()> should_stop{};     ///< asked between runs
  std::function<void(double)> progress{};  ///< told the fraction done, some times a second
};

/// Times all of them in rounds: in each, each has one turn, in an order drawn anew. Runs that are
/// shorter than 2 ms come in turns of as many as fill that, after one that is not counted and
/// brings back to the caches what the others drove out; longer ones alone. A noise of the machine
/// that lasts longer than a round so falls on all alike. Returns whether should_stop() ended it.
bool time_round_robin(std::span<TimedRun> runs, const RoundRobinOptions& options);

}  // namespace xpuruntime::toolkit
