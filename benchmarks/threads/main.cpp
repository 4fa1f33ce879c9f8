// SPDX-License-Identifier: Apache-2.0
/// What the one thread budget does: sessions beside one another, callers at once, a lone session
/// against one whose threads always spin, and a process that does nothing.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "measures.h"
#include "toolkit/machine.h"
#include "xpuruntime/xpuruntime.h"

namespace {

using namespace xpuruntime;
using namespace xpuruntime::benchmarks;

constexpr const char* kModels[] = {"mlp_4us", "mlp_20us", "conv_1000us", "conv_8000us"};

/// `at_most`: the ratio is to stay below the goal; else above it.
void print_row(const std::string& name, const Measure& measure, std::optional<double> goal,
               bool at_most) {
  const Ratio& ratio = measure.ratio;
  std::cout << "  " << std::left << std::setw(44) << name << std::right << std::fixed
            << std::setprecision(1) << std::setw(9) << measure.baseline << std::setw(9)
            << measure.microseconds << std::setprecision(3) << std::setw(8) << ratio.value << "  ["
            << ratio.low << ", " << ratio.high << "]";
  if (goal) {
    const bool met = at_most ? ratio.high <= *goal : ratio.low >= *goal;
    const bool missed = at_most ? ratio.low > *goal : ratio.high < *goal;
    std::cout << (at_most ? "  <= " : "  >= ") << *goal
              << (met      ? " met"
                  : missed ? " missed"
                           : " unresolved");
  }
  std::cout << "\n" << std::flush;
}

void print_neighbours(const std::string& folder, int rounds, double slice_ms,
                      const std::vector<std::string>& engines) {
  std::cout << "\ntwo sessions called in turn: each against itself alone, us of a call\n";
  for (const char* model : {"conv_1000us", "conv_8000us"}) {
    const std::string path = folder + "/" + model + ".onnx";
    const Runner first(path, "onnxrt");
    for (const std::string& engine : engines) {
      const Runner second(path, engine);
      const double goal = engine == "onnxrt" ? 1.07 : 1.10;
      const auto measures = alternately(first, second, rounds, slice_ms);
      print_row(std::string(model) + ": onnxrt beside " + engine, measures[0], goal, true);
      print_row(std::string(model) + ": " + engine + " beside onnxrt", measures[1], goal, true);
    }
  }
}

void print_callers(const std::string& folder, int rounds, double slice_ms,
                   const std::vector<std::string>& engines) {
  std::cout << "\ncallers at once: throughput against one caller, us of an item\n";
  for (const std::string& engine : engines) {
    for (const char* model : kModels) {
      const Runner runner(folder + "/" + model + ".onnx", engine);
      for (const int callers : {2, 4}) {
        print_row(
            std::string(model) + " on " + engine + ": " + std::to_string(callers) + " callers",
            callers_at_once(runner, callers, rounds, slice_ms), 0.95, false);
      }
    }
  }
}

void print_lone(const std::string& folder, int rounds, double slice_ms) {
  std::cout << "\na lone session of onnxrt: against one whose threads always spin, us of a call\n";
  for (const char* model : kModels) {
    print_row(model, against_spinning(folder + "/" + model + ".onnx", rounds, slice_ms), {}, true);
  }
}

void print_idle(const std::string& folder, const std::vector<std::string>& engines) {
  constexpr double kSeconds = 5;
  std::vector<Runner> runners;
  for (const std::string& engine : engines) {
    for (const char* model : kModels) runners.emplace_back(folder + "/" + model + ".onnx", engine);
  }
  for (const Runner& runner : runners) {
    for (int i = 0; i < 20; ++i) runner.run();
  }
  const double cores = idle_cores(kSeconds);
  std::cout << "\nidle, " << runners.size() << " sessions open: " << std::setprecision(2)
            << 100 * cores << " % of a core  <= 2 % " << (cores <= 0.02 ? "met" : "missed") << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "--help") == 0) {
    std::cout << "usage: threads MODEL_FOLDER [ROUNDS=40] [SLICE_MS=20]\n"
                 "  benchmarks/overhead/make_models.py writes the models.\n";
    return argc < 2 ? 2 : 0;
  }
  const int rounds = argc > 2 ? std::max(std::atoi(argv[2]), 30) : 40;
  const double slice_ms = argc > 3 ? std::max(std::atof(argv[3]), 1.0) : 20;
  try {
    std::vector<std::string> engines{"onnxrt"};
    const auto available = EngineRegistry::instance().available_engines();
    if (std::ranges::find(available, "openvino") != available.end()) engines.push_back("openvino");
    const toolkit::MachineFacts facts = toolkit::machine_facts();
    std::cout << facts.cpu_model << ", " << facts.cores_allowed << " cores, " << facts.kernel
              << ", xpuruntime " << version() << ", " << rounds << " interleaved rounds\n"
              << std::setw(55) << "baseline" << std::setw(9) << "here" << std::setw(8) << "ratio"
              << "  95 % interval\n";
    print_idle(argv[1], engines);
    print_neighbours(argv[1], rounds, slice_ms, engines);
    print_callers(argv[1], rounds, slice_ms, engines);
    print_lone(argv[1], rounds, slice_ms);
  } catch (const std::exception& error) {
    std::cerr << "threads: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
