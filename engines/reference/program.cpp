// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <algorithm>

#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::reference {
namespace {

using engine::Failure;

[[noreturn]] void malformed(const std::string& text) {
  throw Failure(XPURT_INVALID_ARGUMENT, "malformed model: " + text);
}

[[noreturn]] void unsupported(const std::string& text) {
  throw Failure(XPURT_UNSUPPORTED_OPERATION, text);
}

/// "; did you mean 'Relu'?" for "ReLU".
std::string near_operator(const onnx::Node& node) {
  std::vector<std::string_view> names;
  for (const Operator& op : operators()) names.push_back(op.name);
  return node.domain.empty() ? engine::did_you_mean(node.op_type, names) : "";
}

void check_type(const onnx::ValueInfo& info, const std::string& what) {
  if (info.kind != onnx::ValueKind::kTensor) {
    unsupported(what + " is not a tensor; engine reference runs tensors alone");
  }
  if (!is_supported(info.dtype)) {
    unsupported(what + " is " + onnx::dtype_name(info.dtype) +
                ", which engine reference does not compute on");
  }
}

}  // namespace

Program::Program(onnx::Model model, const std::vector<std::string>& extra_outputs,
                 const KernelChoice& choice)
    : model_(std::move(model)), opset_(model_.opset()) {
  check_operators();
  add_weights();
  add_inputs();
  for (const onnx::Node& node : model_.graph.nodes) add_step(node, choice);
  add_outputs(extra_outputs);
  mark_finished();
}

void Program::check_opset() const {
  if (opset_ >= kOldestOpset && opset_ <= kNewestOpset) return;
  if (opset_ == 0) malformed("it imports no ONNX operator set");
  unsupported("ONNX operator set " + std::to_string(opset_) +
              " is not supported; engine reference reads " + std::to_string(kOldestOpset) + " to " +
              std::to_string(kNewestOpset));
}

void Program::check_operators() const {
  for (const onnx::Node& node : model_.graph.nodes) {
    if (node.domain.empty()) check_opset();
    const Operator* op = node.domain.empty() ? find_operator(node.op_type) : nullptr;
    if (op == nullptr) {
      unsupported(node_text(node) + ": the operator is not supported by engine reference" +
                  near_operator(node));
    }
    if (opset_ < op->since) {
      unsupported(node_text(node) + ": needs operator set " + std::to_string(op->since) +
                  ", and the model imports " + std::to_string(opset_));
    }
    if (node.inputs.size() < op->min_inputs || node.inputs.size() > op->max_inputs) {
      malformed(node_text(node) + " has " + std::to_string(node.inputs.size()) + " inputs");
    }
    if (node.outputs.empty() || node.outputs.size() > op->max_outputs) {
      malformed(node_text(node) + " has " + std::to_string(node.outputs.size()) + " outputs");
    }
  }
}

size_t Program::define(const std::string& name, const char* what) {
  if (name.empty()) malformed(std::string(what) + " has no name");
  const size_t slot = slots_.size();
  if (!by_name_.emplace(name, slot).second) malformed("value '" + name + "' is defined twice");
  slots_.emplace_back();
  weights_.push_back(false);
  return slot;
}

size_t Program::find(const std::string& name, const std::string& reader) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    malformed(reader + " reads '" + name + "', which nothing before it makes");
  }
  return found->second;
}

void Program::add_weights() {
  if (!model_.graph.sparse_initializers.empty()) {
    unsupported("initializer '" + model_.graph.sparse_initializers[0] +
                "' is sparse; engine reference reads dense ones");
  }
  for (const onnx::Tensor& weight : model_.graph.initializers) {
    const size_t slot = define(weight.name, "an initializer");
    if (!is_supported(weight.dtype)) {
      unsupported("initializer '" + weight.name + "' is " + onnx::dtype_name(weight.dtype) +
                  ", which engine reference does not compute on");
    }
    slots_[slot] = tensor_of(weight);
    weights_[slot] = true;
  }
}

void Program::add_inputs() {
  for (const onnx::ValueInfo* info : model_.graph.required_inputs()) {
    check_type(*info, "input '" + info->name + "'");
    inputs_.push_back({*info, define(info->name, "an input")});
  }
}

void Program::add_step(const onnx::Node& node, const KernelChoice& choice) {
  const auto chosen = choice.find(node.op_type);
  Step step{&node,
            chosen != choice.end() ? chosen->second.kernel : find_operator(node.op_type)->kernel,
            chosen != choice.end() ? std::string(chosen->second.name) : "naive",
            {},
            {},
            {}};
  for (const std::string& name : node.inputs) {
    step.inputs.push_back(name.empty() ? Step::kNone : find(name, node_text(node)));
  }
  for (const std::string& name : node.outputs) {
    step.outputs.push_back(name.empty() ? Step::kNone : define(name, "an output"));
  }
  steps_.push_back(std::move(step));
}

void Program::add_outputs(const std::vector<std::string>& extra_outputs) {
  for (const onnx::ValueInfo& info : model_.graph.outputs) {
    check_type(info, "output '" + info.name + "'");
    outputs_.push_back({info, find(info.name, "the graph's output")});
  }
  for (const std::string& name : extra_outputs) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      std::vector<std::string_view> names;
      for (const auto& [known, unused] : by_name_) names.push_back(known);
      throw Failure(XPURT_INVALID_ARGUMENT, "extra output '" + name +
                                                "': the graph has no such value" +
                                                engine::did_you_mean(name, names));
    }
    const auto is_same = [&](const auto& value) {
      if constexpr (requires { value.info; })
        return value.info.name == name;
      else
        return value.name == name;
    };
    if (std::ranges::any_of(outputs_, is_same)) continue;
    const auto known = std::ranges::find_if(model_.graph.values, is_same);
    onnx::ValueInfo info;
    if (known != model_.graph.values.end()) info = *known;
    info.name = name;
    outputs_.push_back({info, found->second});
  }
}

void Program::mark_finished() {
  std::vector<bool> used = weights_;
  for (const GraphValue& output : outputs_) used[output.slot] = true;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    for (const auto* slots : {&step->inputs, &step->outputs}) {
      for (const size_t slot : *slots) {
        if (slot == Step::kNone || used[slot]) continue;
        used[slot] = true;
        step->finished.push_back(slot);
      }
    }
  }
}

}  // namespace xpuruntime::reference
