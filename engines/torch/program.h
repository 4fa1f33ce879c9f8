// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "model_notes/model_notes.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// What torch runs, in whichever form it was stored. Without state, run() may be called on many
/// threads at once.
class Program {
 public:
  virtual ~Program() = default;
  /// One tensor for each input, and for each output.
  virtual std::vector<at::Tensor> run(std::vector<at::Tensor> inputs) = 0;
  /// The same with a state of its own, as it was when the model was loaded.
  virtual std::shared_ptr<Program> renewed() const { engine::unsupported("resetting state"); }
};

/// A loaded model: immutable, and shared with its Contexts.
struct LoadedModel {
  std::shared_ptr<Program> program;
  engine::ModelSpec spec;
  /// One for each input where a converter left notes, else none.
  std::vector<model_notes::TensorNote> notes;
  /// One for each input: why it is copied before each run; null where it is not.
  std::vector<const char*> why_copied;
  at::Device device = at::kCPU;
  /// What floating inputs are cast to.
  std::optional<at::ScalarType> half;

  bool is_stateful() const { return (spec.flags & XPURT_MODEL_STATEFUL) != 0; }
};

}  // namespace xpuruntime::torch_engine
