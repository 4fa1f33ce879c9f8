// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "bench.h"
#include "toolkit/bound_run.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {
namespace {

/// The batch that the shapes make: of the first input that has one.
std::optional<int64_t> batch_of(std::span<const TensorInfo> infos, std::span<const Shape> shapes) {
  for (size_t i = 0; i < infos.size(); ++i) {
    if (toolkit::takes_batch(infos.subspan(i, 1))) return shapes[i][0];
  }
  return std::nullopt;
}

std::vector<Shape> shapes_for(std::span<const TensorInfo> infos, const RandomOptions& random,
                              std::optional<int64_t> batch) {
  toolkit::ShapeRequest request = random.request();
  if (batch) {
    if (!toolkit::takes_batch(infos)) {
      throw InvalidArgumentError(
          "--batch: no input of the model has a dynamic first dimension; leave --batch out");
    }
    request.batch = *batch;
  }
  const auto shapes = toolkit::input_shapes(infos, request);
  if (batch && batch_of(infos, shapes) != batch) {
    throw InvalidArgumentError(
        "--batch and --shape disagree on the first dimension; write it as -1 "
        "in --shape");
  }
  return shapes;
}

}  // namespace

double BenchRow::items_per_second() const {
  return result.runs_per_second() * static_cast<double>(batch.value_or(1));
}

BenchRow bench_row(const InferenceSession& session, const BenchArguments& arguments,
                   std::optional<int64_t> batch, const toolkit::BenchmarkOptions& options) {
  const auto& infos = session.input_info();
  BenchRow row;
  row.shapes = shapes_for(infos, arguments.random, batch);
  row.batch = batch_of(infos, row.shapes);
  const NamedTensors inputs = random_inputs(infos, row.shapes, arguments.random.seed);
  RunReport last;
  std::optional<IOBinding> binding;
  std::function<void()> run = [&] { session.run(inputs); };
  if (arguments.mode == "bound") {
    binding = toolkit::bind_run(session, inputs, session.run(inputs));
    run = [&] { session.run(*binding); };
    session.run(*binding, {.report = &last});
  } else {
    session.run(inputs, {.report = &last});
  }
  row.result = toolkit::benchmark(run, options);
  if (arguments.leak_check && !row.result.interrupted) {
    row.growth = toolkit::watch_memory(run, options);
  }
  row.bytes_copied = last.bytes_copied();
  if (!row.result.latencies.empty()) row.latency = toolkit::summarize(row.result.latencies);
  return row;
}

}  // namespace xpuruntime::xpurt
