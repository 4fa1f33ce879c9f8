// SPDX-License-Identifier: Apache-2.0
#include "engine_run.h"

#include <algorithm>

#include "toolkit/benchmark.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/session.h"

namespace digits_demo {
namespace {

using namespace xpuruntime;

constexpr double kSecondsToTime = 0.5;

bool loads_onnx(const EngineStatus& engine) {
  return std::ranges::any_of(engine.formats, [](const std::string& format) {
    return format == "onnx" || format == ".onnx";
  });
}

/// Times runs over memory that is bound once; `images` float32 [N, 1, 8, 8].
toolkit::Summary time_runs(const InferenceSession& session, const Tensor& images) {
  IOBinding binding = session.create_io_binding();
  binding.bind_input("image", images);
  binding.bind_output("logits", Tensor(DType::kFloat32, {images.shape()[0], 10}));
  toolkit::BenchmarkOptions options;
  options.seconds = kSecondsToTime;
  return toolkit::summarize(toolkit::benchmark([&] { session.run(binding); }, options).latencies);
}

}  // namespace

std::vector<std::string> usable_engines() {
  std::vector<std::string> names;
  for (const auto& engine : EngineRegistry::instance().native_engine_status()) {
    if (!engine.available || !loads_onnx(engine)) continue;
    names.insert(engine.name == "reference" ? names.begin() : names.end(), engine.name);
  }
  return names;
}

EngineRun run_engine(const std::string& engine, const std::filesystem::path& model,
                     const Digits& digits) {
  SessionConfig config;
  config.engine = engine;
  const InferenceSession session(model, config);

  EngineRun run;
  run.session = session.report();
  run.logits = session.run({{"image", digits.images}}).at("logits");
  run.readings = read_logits(run.logits);
  run.right = count_right(digits, run.readings);
  run.one_latency = time_runs(session, digits.images.slice(0, 1));
  run.all_latency = time_runs(session, digits.images);
  return run;
}

}  // namespace digits_demo
