// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/interleaved.h"
#include "xpuruntime/session.h"

namespace xpuruntime::benchmarks {

/// A session with inputs of its own, run one call after another.
class Runner {
 public:
  /// "engine" or "engine@device"; threads 0: the process's budget.
  Runner(const std::string& model, const std::string& engine,
         std::map<std::string, std::string> options = {});
  void run() const;
  /// Calls that take about `milliseconds`, at least 1.
  int calls_in(double milliseconds) const;
  const InferenceSession& session() const { return session_; }

 private:
  InferenceSession session_;
  std::vector<Tensor> inputs_;
};

/// A ratio and what it is of, in microseconds.
struct Measure {
  double microseconds = 0;
  double baseline = 0;
  Ratio ratio;
};

/// A call of each of the two, when they are called in turn, against the same called alone.
std::vector<Measure> alternately(const Runner& a, const Runner& b, int rounds, double slice_ms);
/// Throughput of as many threads that call at once, against one.
Measure callers_at_once(const Runner& runner, int callers, int rounds, double slice_ms);
/// A session as we open it against one whose threads spin between runs too, each alone in the
/// process while it is timed.
Measure against_spinning(const std::string& model, int rounds, double slice_ms);
/// Cores that this process keeps busy while nobody calls anything.
double idle_cores(double seconds);

}  // namespace xpuruntime::benchmarks
