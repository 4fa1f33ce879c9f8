// SPDX-License-Identifier: Apache-2.0
/// What a run through a session costs over ONNX Runtime's C API by hand. Both run the same
/// OrtSession, on one thread, interleaved; every ratio is to `Run` with values made beforehand.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "bare_onnxruntime.h"
#include "common/interleaved.h"
#include "library.h"
#include "shared_session.h"
#include "toolkit/machine.h"
#include "xpuruntime/xpuruntime.h"

namespace {

using namespace xpuruntime;
using benchmarks::Ratio;
using benchmarks::Variant;

/// A model, and the goal of each way to run it; no goal: shown for comparison.
struct Case {
  std::string model;
  std::optional<double> bound;
  std::optional<double> given;
  std::optional<double> own;
};

// NonZero's output is dynamic: only outputs of its own are the question, against one that bare ONNX
// Runtime has memory for.
const Case kCases[] = {
    {"mlp_4us", 0.97, 1.03, 1.10},
    {"mlp_20us", 1.00, 1.01, 1.03},
    {"conv_1000us", 1.00, 1.005, 1.005},
    {"nonzero_2800kb", {}, {}, 1.01},
};

Tensor random_input(const TensorInfo& info) {
  Tensor tensor(info.dtype, info.shape);
  float value = 0.1F;
  for (float& each : tensor.mutable_values<float>()) {
    value = value < 0.9F ? value + 0.0137F : 0.1F;
    each = value;
  }
  return tensor;
}

void print_row(const std::string& name, double microseconds, const Ratio& ratio,
               std::optional<double> goal) {
  std::cout << "  " << std::left << std::setw(38) << name << std::right << std::fixed
            << std::setprecision(3) << std::setw(10) << microseconds << std::setw(9) << ratio.value
            << "  [" << ratio.low << ", " << ratio.high << "]";
  if (goal) {
    const char* verdict = ratio.high <= *goal ? "met" : ratio.low > *goal ? "missed" : "unresolved";
    std::cout << "  <= " << *goal << " " << verdict;
  }
  std::cout << "\n";
}

void run_case(const Case& c, const std::filesystem::path& folder, int rounds, double slice_ms) {
  const InferenceSession session(folder / (c.model + ".onnx"),
                                 {.engine = benchmarks::kSharedEngine, .threads = 1});
  const OrtApi& api = onnxrt::ort();
  OrtSession* bare = benchmarks::shared_session();
  const Tensor x = random_input(session.input_info()[0]);
  const std::vector<Tensor> first = session.run(std::span(&x, 1));
  // The same memory for all that are given some: where it lies can be worth a per cent.
  Tensor y(first[0].dtype(), first[0].shape());
  std::vector<Tensor> given{y};
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", x);
  binding.bind_output("y", y);

  const std::vector<Variant> variants{
      {"bare Run, values made beforehand", benchmarks::bare_run(api, bare, x, y)},
      {"bare RunWithBinding", benchmarks::bare_bound_run(api, bare, x, y)},
      {"bare Run, output allocated", benchmarks::bare_run_own_output(api, bare, x)},
      {"run(binding)", [&] { session.run(binding); }},
      {"run(inputs, given outputs)", [&] { session.run(std::span(&x, 1), std::span(given)); }},
      {"run(inputs)", [&] { session.run(std::span(&x, 1)); }},
  };
  const std::optional<double> goals[] = {{}, {}, {}, c.bound, c.given, c.own};
  for (const size_t i : {0, 1, 3, 4}) {
    std::memset(y.mutable_data(), 0, y.byte_size());
    variants[i].once();
    if (std::memcmp(y.data(), first[0].data(), y.byte_size()) != 0) {
      throw InternalError(variants[i].name + " gives other numbers than run(inputs)");
    }
  }
  // Several calls also of a long one: outputs of its own are not in the caches at the first.
  constexpr int kLeastCalls = 6;
  const auto timings = benchmarks::time_interleaved(variants, rounds, slice_ms, kLeastCalls);
  std::cout << "\n" << c.model << ": output " << to_string(first[0]) << "\n";
  for (size_t i = 0; i < variants.size(); ++i) {
    print_row(variants[i].name, benchmarks::median(timings[i]),
              benchmarks::ratio_of_medians(timings[i], timings[0]), goals[i]);
  }
}

void print_machine(int rounds) {
  const toolkit::MachineFacts facts = toolkit::machine_facts();
  std::cout << facts.cpu_model << ", " << facts.cores_online << " cores, " << facts.kernel
            << ", ONNX Runtime " << onnxrt::library().version << ", xpuruntime " << version()
            << ", one thread, " << rounds << " interleaved rounds\n"
            << std::left << std::setw(40) << "" << std::right << std::setw(10) << "median us"
            << std::setw(9) << "ratio" << "  95 % interval  goal\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "--help") == 0) {
    std::cout << "usage: overhead MODEL_FOLDER [ROUNDS=400] [SLICE_MS=0.2]\n"
                 "  benchmarks/overhead/make_models.py writes the models.\n";
    return argc < 2 ? 2 : 0;
  }
  const int rounds = argc > 2 ? std::max(std::atoi(argv[2]), 30) : 400;
  const double slice_ms = argc > 3 ? std::max(std::atof(argv[3]), 0.01) : 0.2;
  try {
    benchmarks::register_shared_engine();
    print_machine(rounds);
    for (const Case& each : kCases) run_case(each, argv[1], rounds, slice_ms);
  } catch (const std::exception& error) {
    std::cerr << "overhead: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
