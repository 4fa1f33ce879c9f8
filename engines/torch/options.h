// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <optional>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// The options that this engine publishes.
std::vector<engine::OptionSpec> option_specs();

/// Their values.
struct Options {
  std::optional<at::ScalarType> half;  ///< what to compute in; nothing: as the model says
  bool freeze = true;
  std::string model_name;
  bool cudnn_benchmark = false;
  double memory_fraction = 0;  ///< of each GPU's memory; 0: no bound
};

Options read_options(const engine::LoadArgs& args);

/// Sets those that count for the whole process. Throws XPURT_INVALID_ARGUMENT for one that has no
/// meaning on the device.
void apply_process_options(const Options& options, at::Device device);

}  // namespace xpuruntime::torch_engine
