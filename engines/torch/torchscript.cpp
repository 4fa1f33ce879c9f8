// SPDX-License-Identifier: Apache-2.0
#include "torchscript.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/shape_analysis.h>
#include <torch/csrc/jit/serialization/import.h>

#include <string>
#include <utility>

#include "element_type.h"
#include "output_plan.h"

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

constexpr const char* kMethod = "forward";

class TorchScript : public Program {
 public:
  TorchScript(torch::jit::Module module, size_t inputs, OutputPlan plan)
      : module_(std::move(module)),
        method_(module_.get_method(kMethod)),
        inputs_(inputs),
        plan_(std::move(plan)) {}

  std::vector<at::Tensor> run(std::vector<at::Tensor> inputs) override {
    std::vector<c10::IValue> stack;
    stack.reserve(inputs_);
    for (at::Tensor& input : inputs) stack.emplace_back(std::move(input));
    inputs.clear();
    std::vector<at::Tensor> outputs;
    outputs.reserve(plan_.count());
    plan_.take(method_(std::move(stack)), outputs);
    return outputs;
  }
  std::shared_ptr<Program> renewed() const override {
    return std::make_shared<TorchScript>(module_.deepcopy(), inputs_, plan_);
  }

 private:
  torch::jit::Module module_;
  torch::jit::Method method_;
  size_t inputs_;
  OutputPlan plan_;
};

torch::jit::Module read(const Source& source) {
  torch::jit::ExtraFilesMap no_extra_files;
  // With the types of the example that a model was traced with.
  const bool was_traced = source.archive.has("traced_inputs.pkl");
  return torch::jit::import_ir_module(std::make_shared<torch::jit::CompilationUnit>(),
                                      source.archive.stream(), source.device, no_extra_files,
                                      /*load_debug_files=*/true, was_traced);
}

/// A traced model knows the example's type and rank. Its sizes are not what other inputs must have.
engine::TensorSpec input_spec(const std::string& name, const c10::TypePtr& type) {
  engine::TensorSpec spec{.name = name, .has_rank = false};
  const auto tensor = type->cast<c10::TensorType>();
  if (tensor == nullptr) return spec;
  if (const auto scalar = tensor->scalarType()) spec.dtype = dtype_of(*scalar);
  if (const auto rank = tensor->dim()) {
    spec.has_rank = true;
    spec.shape.assign(*rank, -1);
  }
  return spec;
}

/// Tensors that forward() takes, up to the first argument that has a default and is none.
std::vector<engine::TensorSpec> input_specs(const torch::jit::Method& method,
                                            const std::string& model) {
  const auto& arguments = method.function().getSchema().arguments();
  const auto graph = method.graph();
  std::vector<engine::TensorSpec> specs;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (argument.type()->isSubtypeOf(*c10::TensorType::get())) {
      specs.push_back(input_spec(argument.name(), graph->inputs().at(i)->type()));
    } else if (argument.default_value()) {
      break;  // TorchScript fills it in, and what follows it
    } else {
      throw Failure(XPURT_UNSUPPORTED_OPERATION, model + ": forward() takes '" + argument.name() +
                                                     "', a " + argument.type()->repr_str() +
                                                     "; this engine passes tensors alone");
    }
  }
  return specs;
}

/// Passes over the graph would take the example's sizes for those of all inputs.
void forget_shapes(const std::shared_ptr<Graph>& graph) {
  for (Value* input : graph->inputs()) {
    if (input->type()->cast<c10::TensorType>()) input->setType(c10::TensorType::get());
  }
  torch::jit::EraseShapeInformation(graph);
}

bool changes_attributes(const torch::jit::Block* block, const torch::jit::AliasDb& aliases) {
  for (const Node* node : block->nodes()) {
    if (node->kind() == c10::prim::SetAttr) return true;
    if (node->kind() == c10::prim::GetAttr &&
        node->output()->type()->isSubtypeOf(*c10::TensorType::get()) &&
        aliases.hasWriters(node->output())) {
      return true;
    }
    for (const torch::jit::Block* inner : node->blocks()) {
      if (changes_attributes(inner, aliases)) return true;
    }
  }
  return false;
}

/// What a run does beyond making outputs.
void note_effects(const std::shared_ptr<Graph>& graph, LoadedModel& model) {
  const torch::jit::AliasDb aliases(graph);
  const bool is_stateful = changes_attributes(graph->block(), aliases);
  if (is_stateful) model.spec.flags |= XPURT_MODEL_STATEFUL;
  for (size_t i = 0; i < model.spec.inputs.size(); ++i) {
    const char* why = nullptr;
    if (is_stateful) why = "the model has state, and may keep the input";
    if (aliases.hasWriters(graph->inputs().at(i + 1))) why = "the model writes into the input";
    model.why_copied.push_back(why);
  }
}

}  // namespace

LoadedModel load_torchscript(const Source& source) {
  torch::jit::Module module = read(source);
  if (!module.find_method(kMethod)) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION, source.name + ": the module has no forward()");
  }
  module.eval();
  LoadedModel model;
  model.spec.producer = "torch.jit";
  model.spec.inputs = input_specs(module.get_method(kMethod), source.name);
  forget_shapes(module.get_method(kMethod).graph());
  const auto graph = module.get_method(kMethod).graph()->copy();
  torch::jit::Inline(*graph);
  note_effects(graph, model);
  OutputPlan plan = OutputPlan::of(*graph->outputs().at(0), source);
  plan.add_specs(model.spec.outputs);
  if (source.options.half) module.to(*source.options.half);
  if (source.options.freeze && !model.is_stateful()) module = torch::jit::freeze(module);
  model.program =
      std::make_shared<TorchScript>(std::move(module), model.spec.inputs.size(), std::move(plan));
  return model;
}

}  // namespace xpuruntime::torch_engine
