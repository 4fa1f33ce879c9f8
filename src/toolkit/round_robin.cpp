// SPDX-License-Identifier: Apache-2.0
#include "toolkit/round_robin.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kTurnSeconds = 2e-3;
constexpr uint64_t kMostRuns = 10'000;  ///< of a turn, should the clock see no time pass
constexpr auto kBetweenReports = std::chrono::milliseconds(100);

class Rounds {
 public:
  Rounds(std::span<TimedRun> runs, const RoundRobinOptions& options)
      : runs_(runs), options_(options), random_(options.seed) {}

  bool time() {
    std::vector<TimedRun*> left;
    while (!stopped_) {
      left.clear();
      for (auto& each : runs_) {
        if (!is_done(each)) left.push_back(&each);
      }
      if (left.empty()) break;
      shuffle(left);
      for (TimedRun* each : left) turn(*each);
    }
    return stopped_;
  }

 private:
  bool is_done(const TimedRun& each) const {
    if (each.error) return true;
    if (options_.iterations > 0) return each.latencies.size() >= options_.iterations;
    return !each.latencies.empty() && each.spent >= options_.seconds;
  }

  /// The standard's shuffle differs between libraries; this one does not.
  void shuffle(std::vector<TimedRun*>& order) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
  }

  void turn(TimedRun& each) {
    try {
      const double expected = std::max(each.expected_seconds, 1e-9);
      const bool is_short = expected < kTurnSeconds;
      const uint64_t count =
          is_short ? std::min(kMostRuns, static_cast<uint64_t>(kTurnSeconds / expected)) : 1;
      if (is_short && !should_stop()) each.run();
      for (uint64_t i = 0; i < count && !is_done(each) && !should_stop(); ++i) {
        const auto begin = Clock::now();
        each.run();
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        each.latencies.push_back(seconds);
        each.spent += seconds;
      }
    } catch (...) {
      each.error = std::current_exception();
    }
  }

  /// Asked between runs, where it is nobody's time.
  bool should_stop() {
    if (options_.progress && Clock::now() >= next_report_) {
      options_.progress(fraction());
      next_report_ = Clock::now() + kBetweenReports;
    }
    stopped_ = stopped_ || (options_.should_stop && options_.should_stop());
    return stopped_;
  }

  double fraction() const {
    double sum = 0;
    for (const auto& each : runs_) {
      const double part = options_.iterations > 0 ? static_cast<double>(each.latencies.size()) /
                                                        static_cast<double>(options_.iterations)
                                                  : each.spent / options_.seconds;
      sum += each.error ? 1 : std::min(1.0, part);
    }
    return sum / static_cast<double>(runs_.size());
  }

  const std::span<TimedRun> runs_;
  const RoundRobinOptions& options_;
  std::mt19937_64 random_;
  Clock::time_point next_report_ = Clock::now();
  bool stopped_ = false;
};

}  // namespace

bool time_round_robin(std::span<TimedRun> runs, const RoundRobinOptions& options) {
  if (options.iterations == 0 && !(options.seconds > 0)) {
    throw InvalidArgumentError("compare: expected iterations or seconds above 0");
  }
  return Rounds(runs, options).time();
}

}  // namespace xpuruntime::toolkit
