// SPDX-License-Identifier: Apache-2.0
/// Engine "script": what its models are and what a run does is a function of the test. For engines
/// that break the rules of the seam, and for looking at what the core hands to an engine.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "xpuruntime/engine/export.h"
#include "xpuruntime/session.h"

namespace xpuruntime {

struct Script {
  engine::ModelSpec model{};
  std::function<void(const engine::RunArgs&)> run{};
  std::function<void(const engine::LoadArgs&)> load{};  ///< may be null
  std::function<void()> create_context{};               ///< may be null
  std::function<void(uint64_t)> cancel{};               ///< told the run's id; may be null
};

/// Opens a session on a model that does what the script says. The engine wants inputs aligned to 32
/// bytes, has the devices intel_gpu:0 and cpu:0, in that order, and the options `level` (int),
/// `fast` (bool) and `kernel_policy`. The device of a session whose config does not say so is cpu.
InferenceSession open_script(Script script, SessionConfig config = {});
/// Registers the engine; returns its name.
const char* script_engine(Script script);

engine::TensorSpec float_spec(std::string name, std::vector<int64_t> shape);

/// A model with float32 input x and output y of those shapes.
engine::ModelSpec one_to_one(std::vector<int64_t> x, std::vector<int64_t> y);

/// Writes output y as `value` everywhere, in memory of the host's.
void fill_output(const engine::RunArgs& args, uint32_t i, std::vector<int64_t> shape, float value);

}  // namespace xpuruntime
