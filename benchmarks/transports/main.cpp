// SPDX-License-Identifier: Apache-2.0
/// The round trip to a worker process and back by each transport, next to the same call in this
/// process: an Identity model, one float32 input and output.
///
///     transports tests/data/identity_float32.onnx [ROUNDS=30] [SLICE_MS=10] [ENGINE=onnxrt]
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "common/interleaved.h"
#include "xpuruntime/session.h"

namespace {

using namespace xpuruntime;
using benchmarks::Ratio;
using benchmarks::Timings;

struct Size {
  const char* name;
  int64_t floats;
};
constexpr Size kSizes[] = {{"1 kB", 256}, {"600 kB", 150'000}, {"16 MB", 4'000'000}};
/// In the order of the sessions; the first is in this process.
const std::vector<std::string> kNames{"in-process", "shared_memory", "unix",     "pipe",
                                      "tcp",        "grpc",          "json_file"};
constexpr size_t kShared = 1;
constexpr size_t kTcp = 4;
constexpr size_t kJson = 6;

struct Goal {
  size_t slow;
  size_t fast;
  double times;
};
constexpr Goal kGoals[] = {{kJson, kShared, 10}, {kTcp, kShared, 2}, {kJson, kTcp, 4}};

InferenceSession open(const std::string& model, const std::string& engine, size_t i) {
  SessionConfig config;
  config.engine = engine;
  config.cache_dir = "";
  config.threads = 1;
  if (i > 0) {
    config.isolation = Isolation::kProcess;
    config.transport = kNames[i];
  }
  return InferenceSession(std::filesystem::path(model), config);
}

Timings measure(const std::vector<InferenceSession>& sessions, int64_t floats, int rounds,
                double slice_ms) {
  std::vector<float> values(static_cast<size_t>(floats));
  std::iota(values.begin(), values.end(), 0.0f);
  const std::vector<Tensor> inputs{Tensor::from<float>(values, {floats})};
  std::vector<benchmarks::Variant> variants;
  for (size_t i = 0; i < sessions.size(); ++i) {
    variants.push_back({kNames[i], [&session = sessions[i], &inputs, &values] {
                          const auto outputs = session.run(inputs);
                          if (outputs[0].values<float>().back() != values.back()) std::abort();
                        }});
  }
  return time_interleaved(variants, rounds, slice_ms);
}

void print_goals(const Timings& timings) {
  for (const Goal& goal : kGoals) {
    const Ratio ratio = benchmarks::ratio_of_medians(timings[goal.slow], timings[goal.fast]);
    const char* const verdict = ratio.low >= goal.times   ? "met"
                                : ratio.high < goal.times ? "missed"
                                                          : "unresolved";
    std::printf("  %s / %s: %.1f [%.1f, %.1f], at least %.0f: %s\n", kNames[goal.slow].c_str(),
                kNames[goal.fast].c_str(), ratio.value, ratio.low, ratio.high, goal.times, verdict);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: transports MODEL [ROUNDS] [SLICE_MS] [ENGINE]\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 30;
  const double slice_ms = argc > 3 ? std::atof(argv[3]) : 10;
  const std::string engine = argc > 4 ? argv[4] : "onnxrt";
  std::vector<InferenceSession> sessions;
  for (size_t i = 0; i < kNames.size(); ++i) sessions.push_back(open(argv[1], engine, i));
  std::printf("%d rounds of %.0f ms, interleaved; medians in microseconds\n\n", rounds, slice_ms);
  std::printf(
      "| tensor | transport | round trip, us | above in-process, us | of shared_memory |\n");
  std::printf("|---|---|---|---|---|\n");
  for (const Size& size : kSizes) {
    const Timings timings = measure(sessions, size.floats, rounds, slice_ms);
    const double here = benchmarks::median(timings[0]);
    for (size_t i = 0; i < kNames.size(); ++i) {
      const Ratio ratio = benchmarks::ratio_of_medians(timings[i], timings[kShared]);
      const double time = benchmarks::median(timings[i]);
      std::printf("| %s | `%s` | %.1f | %.1f | %.2f [%.2f, %.2f] |\n", size.name, kNames[i].c_str(),
                  time, time - here, ratio.value, ratio.low, ratio.high);
    }
    std::fflush(stdout);
    if (size.floats == kSizes[1].floats) print_goals(timings);
  }
}
