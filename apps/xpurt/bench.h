// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input_options.h"
#include "output.h"
#include "session_options.h"
#include "toolkit/benchmark.h"
#include "toolkit/leak_check.h"
#include "toolkit/machine.h"
#include "toolkit/statistics.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session.h"

namespace xpuruntime::xpurt {

struct BenchArguments {
  std::string model;
  std::vector<int64_t> batches;  ///< empty: one benchmark, in the shapes given or by default
  std::string mode = "bound";    ///< or "run"
  uint64_t warm_up = 10;
  uint64_t iterations = 0;
  double seconds = 5;
  bool leak_check = false;
  RandomOptions random;
  SessionOptions session;
};

/// One row of the result: a benchmark in one set of shapes.
struct BenchRow {
  std::optional<int64_t> batch;  ///< none: the model's inputs have no batch dimension
  std::vector<Shape> shapes;     ///< of the inputs
  toolkit::BenchmarkResult result;
  std::optional<toolkit::Summary> latency;      ///< seconds; none when nothing was counted
  uint64_t bytes_copied = 0;                    ///< by one run
  std::optional<toolkit::MemoryGrowth> growth;  ///< of as many runs again, when that was asked for

  double items_per_second() const;
};

struct BenchReport {
  SessionReport session;
  std::vector<TensorInfo> inputs;
  toolkit::MachineFacts machine;
  std::vector<BenchRow> rows;
  bool interrupted = false;
  std::vector<std::string> warnings;
};

/// The benchmark of one set of shapes. Throws what a session throws.
BenchRow bench_row(const InferenceSession& session, const BenchArguments& arguments,
                   std::optional<int64_t> batch, const toolkit::BenchmarkOptions& options);

std::string bench_text(const BenchArguments& arguments, const BenchReport& report);
Json bench_json(const BenchArguments& arguments, const BenchReport& report);

}  // namespace xpuruntime::xpurt
