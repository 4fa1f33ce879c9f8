// SPDX-License-Identifier: Apache-2.0
#include "toolkit/benchmark.h"

#include <algorithm>
#include <chrono>

#include "toolkit/machine.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenReports = std::chrono::milliseconds(100);
constexpr uint64_t kReservedRuns = 1 << 16;

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// One phase of the benchmark: knows when it is over and who is told.
class Phase {
 public:
  Phase(const BenchmarkOptions& options, bool warming_up)
      : options_(options),
        warming_up_(warming_up),
        iterations_(warming_up ? options.warm_up : options.iterations) {}

  bool over(uint64_t runs, Clock::time_point now) {
    if (options_.progress && now >= next_report_) {
      options_.progress({warming_up_, runs, spent(now), fraction(runs, now)});
      next_report_ = Clock::now() + kBetweenReports;
    }
    if (options_.should_stop && options_.should_stop()) {
      interrupted_ = true;
      return true;
    }
    return by_count() ? runs >= iterations_ : runs > 0 && spent(now) >= options_.seconds;
  }
  bool interrupted() const { return interrupted_; }
  Clock::time_point begin() const { return begin_; }

 private:
  bool by_count() const { return warming_up_ || iterations_ > 0; }
  double spent(Clock::time_point now) const { return seconds_between(begin_, now); }
  double fraction(uint64_t runs, Clock::time_point now) const {
    if (!by_count()) return std::min(1.0, spent(now) / options_.seconds);
    return iterations_ == 0 ? 1 : static_cast<double>(runs) / static_cast<double>(iterations_);
  }

  const BenchmarkOptions& options_;
  const bool warming_up_;
  const uint64_t iterations_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point next_report_ = begin_;
  bool interrupted_ = false;
};

}  // namespace

double BenchmarkResult::runs_per_second() const {
  return seconds > 0 ? static_cast<double>(latencies.size()) / seconds : 0;
}

BenchmarkResult benchmark(const std::function<void()>& run, const BenchmarkOptions& options) {
  if (options.iterations == 0 && !(options.seconds > 0)) {
    throw InvalidArgumentError("benchmark: expected iterations or seconds above 0");
  }
  Phase warm_up(options, true);
  for (uint64_t runs = 0; !warm_up.over(runs, Clock::now()); ++runs) run();

  BenchmarkResult result;
  result.interrupted = warm_up.interrupted();
  result.resident_bytes = process_memory().resident_bytes;
  if (!result.interrupted) {
    result.latencies.reserve(options.iterations > 0 ? std::min(options.iterations, kReservedRuns)
                                                    : kReservedRuns);
    Phase counted(options, false);
    Clock::time_point end = counted.begin();
    while (!counted.over(result.latencies.size(), end)) {
      const auto begin = Clock::now();
      run();
      end = Clock::now();
      result.latencies.push_back(seconds_between(begin, end));
    }
    result.seconds = seconds_between(counted.begin(), end);
    result.interrupted = counted.interrupted();
  }
  result.peak_resident_bytes = process_memory().peak_resident_bytes;
  return result;
}

}  // namespace xpuruntime::toolkit
