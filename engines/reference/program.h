// SPDX-License-Identifier: Apache-2.0
/// A graph that has been checked and can be run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_choice.h"
#include "onnx/model.h"
#include "ops/ops.h"

namespace xpuruntime::reference {

/// One node, with its values as numbers of slots.
struct Step {
  static constexpr size_t kNone = ~size_t{0};

  const onnx::Node* node;
  Kernel kernel;
  std::string kernel_name;       ///< "naive" where there is no other
  std::vector<size_t> inputs;    ///< kNone where one is left out
  std::vector<size_t> outputs;   ///< the same
  std::vector<size_t> finished;  ///< slots that nothing after this step reads
};

struct GraphValue {
  onnx::ValueInfo info;
  size_t slot;
};

/// The steps in the order of the file, and which slots are filled from outside. Immutable; owns the
/// model, which steps and weights point into. Throws engine::Failure for what the engine cannot
/// run: unknown operators, operator sets and types, and graphs that do not hold together.
class Program {
 public:
  Program(onnx::Model model, const std::vector<std::string>& extra_outputs,
          const KernelChoice& choice);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const onnx::Model& model() const { return model_; }
  int64_t opset() const { return opset_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<GraphValue>& inputs() const { return inputs_; }
  const std::vector<GraphValue>& outputs() const { return outputs_; }
  /// One tensor a slot: weights are there, all others empty.
  const std::vector<Tensor>& slots() const { return slots_; }
  /// Slots that are not weights.
  bool is_weight(size_t slot) const { return weights_[slot]; }

 private:
  void check_opset() const;
  void check_operators() const;
  size_t define(const std::string& name, const char* what);
  size_t find(const std::string& name, const std::string& reader) const;
  void add_weights();
  void add_inputs();
  void add_step(const onnx::Node& node, const KernelChoice& choice);
  void add_outputs(const std::vector<std::string>& extra_outputs);
  void mark_finished();

  const onnx::Model model_;
  int64_t opset_;
  std::map<std::string, size_t, std::less<>> by_name_;
  std::vector<Tensor> slots_;
  std::vector<bool> weights_;
  std::vector<Step> steps_;
  std::vector<GraphValue> inputs_, outputs_;
};

}  // namespace xpuruntime::reference
