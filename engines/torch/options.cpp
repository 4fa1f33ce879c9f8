// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <ATen/Context.h>
#include <c10/core/AllocatorConfig.h>

#include <charconv>
#include <string_view>

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using engine::LoadArgs;

double fraction_of(const LoadArgs& args) {
  const std::string_view value = args.option("memory_fraction").value_or("0");
  double fraction = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), fraction);
  if (error != std::errc() || end != value.data() + value.size() || !(fraction >= 0) ||
      fraction > 1) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'memory_fraction': expected a number from 0 (no bound) to 1, got '" +
                      std::string(value) + "'");
  }
  return fraction;
}

std::optional<at::ScalarType> half_of(const LoadArgs& args) {
  const std::string_view precision = args.option("precision").value_or("fp32");
  if (precision == "fp16") return at::kHalf;
  if (precision == "bf16") return at::kBFloat16;
  if (precision == "fp32") return std::nullopt;
  throw Failure(XPURT_INVALID_ARGUMENT,
                "option 'precision': there is no choice '" + std::string(precision) + "'");
}

}  // namespace

std::vector<engine::OptionSpec> option_specs() {
  return {
      {"precision",
       XPURT_OPTION_STRING,
       "fp32",
       "What TorchScript computes in: fp32 leaves weights as they are, the others cast weights and "
       "floating inputs, and outputs back",
       {"fp32", "fp16", "bf16"}},
      {"freeze",
       XPURT_OPTION_BOOL,
       "true",
       "Make weights of a TorchScript model constants, and fold what depends on them alone; models "
       "with state are left as they are",
       {}},
      {"model_name",
       XPURT_OPTION_STRING,
       "",
       "Which model of a package of AOTInductor; empty: the one that is in it",
       {}},
      {"cudnn_benchmark",
       XPURT_OPTION_BOOL,
       "false",
       "cuda: let cuDNN time its algorithms for each new shape; counts for the process",
       {}},
      {"memory_fraction",
       XPURT_OPTION_FLOAT,
       "0",
       "cuda: how much of a GPU's memory torch may take, as a fraction; 0: no bound; counts for "
       "the process",
       {}},
  };
}

Options read_options(const LoadArgs& args) {
  Options options;
  options.half = half_of(args);
  options.freeze = args.is_on("freeze", true);
  options.model_name = args.option("model_name").value_or("");
  options.cudnn_benchmark = args.is_on("cudnn_benchmark", false);
  options.memory_fraction = fraction_of(args);
  return options;
}

void apply_process_options(const Options& options, at::Device device) {
  if (!device.is_cuda()) {
    if (options.cudnn_benchmark || options.memory_fraction > 0) {
      throw Failure(XPURT_INVALID_ARGUMENT,
                    std::string("option '") +
                        (options.cudnn_benchmark ? "cudnn_benchmark" : "memory_fraction") +
                        "' has a meaning on devices cuda:n alone");
    }
    return;
  }
  if (options.cudnn_benchmark) at::globalContext().setBenchmarkCuDNN(true);
  if (options.memory_fraction > 0) {
    c10::CachingAllocator::setAllocatorSettings("per_process_memory_fraction:" +
                                                std::to_string(options.memory_fraction));
  }
}

}  // namespace xpuruntime::torch_engine
