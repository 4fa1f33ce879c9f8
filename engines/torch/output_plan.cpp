// SPDX-License-Identifier: Apache-2.0
#include "output_plan.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <utility>

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using torch::jit::Node;
using torch::jit::Value;

/// The node that makes `value`, if it is of that kind.
const Node* maker(const Value* value, c10::Symbol kind) {
  return value != nullptr && value->node()->kind() == kind ? value->node() : nullptr;
}

}  // namespace

struct OutputPlan::Maker {
  const Source& source;

  /// `value` is null where only the type is known.
  OutputPlan make(std::string name, const c10::TypePtr& type, const Value* value) const {
    OutputPlan plan;
    plan.name_ = std::move(name);
    if (const auto optional = type->cast<c10::OptionalType>()) {
      return make(std::move(plan.name_), optional->getElementType(), value);
    }
    if (type->isSubtypeOf(*c10::TensorType::get())) return plan;
    if (const auto tuple = type->cast<c10::TupleType>()) {
      add_tuple(plan, *tuple, maker(value, c10::prim::TupleConstruct));
    } else if (const auto list = type->cast<c10::ListType>()) {
      add_list(plan, list->getElementType(), maker(value, c10::prim::ListConstruct));
    } else if (const auto dict = type->cast<c10::DictType>()) {
      add_dict(plan, dict->getValueType(), maker(value, c10::prim::DictConstruct));
    } else {
      refuse(plan, "is a " + type->repr_str() + "; this engine gives tensors alone");
    }
    return plan;
  }

  void add_tuple(OutputPlan& plan, const c10::TupleType& type, const Node* node) const {
    plan.kind_ = Kind::kTuple;
    for (size_t i = 0; i < type.elements().size(); ++i) {
      const std::string key =
          type.schema() != nullptr ? type.schema()->arguments()[i].name() : std::to_string(i);
      add(plan, key, type.schema() == nullptr, type.elements()[i], input_of(node, i));
    }
  }
  void add_list(OutputPlan& plan, const c10::TypePtr& element, const Node* node) const {
    plan.kind_ = Kind::kList;
    const size_t count = node != nullptr ? node->inputs().size() : noted(plan);
    for (size_t i = 0; i < count; ++i) {
      add(plan, std::to_string(i), true, element, input_of(node, i));
    }
  }
  void add_dict(OutputPlan& plan, const c10::TypePtr& element, const Node* node) const {
    plan.kind_ = Kind::kDict;
    if (node == nullptr) {
      noted(plan);
      for (const auto& note : source.notes->outputs) plan.keys_.push_back(note.spec.name);
    }
    for (size_t i = 0; node != nullptr && i < node->inputs().size(); i += 2) {
      const auto key = torch::jit::toIValue(node->input(i));
      if (!key || !key->isString()) refuse(plan, "is a dict whose keys are no constant strings");
      plan.keys_.push_back(key->toStringRef());
    }
    for (size_t i = 0; i < plan.keys_.size(); ++i) {
      add(plan, plan.keys_[i], false, element, input_of(node, 2 * i + 1));
    }
  }

  static const Value* input_of(const Node* node, size_t i) {
    return node != nullptr ? node->input(i) : nullptr;
  }
  void add(OutputPlan& plan, const std::string& key, bool is_index, const c10::TypePtr& type,
           const Value* value) const {
    std::string name =
        plan.name_.empty() ? (is_index ? "output_" + key : key) : plan.name_ + "_" + key;
    plan.children_.push_back(make(std::move(name), type, value));
  }
  /// How many outputs the notes tell of: they have no place for lists in lists.
  size_t noted(const OutputPlan& plan) const {
    if (plan.name_.empty() && source.notes != nullptr) return source.notes->outputs.size();
    refuse(plan,
           "is a list or dict whose length is not known before a run; return a tuple, or list the "
           "outputs in <name>_info.json");
  }
  [[noreturn]] void refuse(const OutputPlan& plan, const std::string& what) const {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  source.name + ": " +
                      (plan.name_.empty() ? "what forward() returns" : "'" + plan.name_ + "'") +
                      " " + what);
  }
};

OutputPlan OutputPlan::of(const Value& returned, const Source& source) {
  OutputPlan plan = Maker{source}.make("", returned.type(), &returned);
  if (plan.kind_ == Kind::kTensor) plan.name_ = "output";
  return plan;
}

size_t OutputPlan::count() const {
  if (kind_ == Kind::kTensor) return 1;
  size_t count = 0;
  for (const OutputPlan& child : children_) count += child.count();
  return count;
}

void OutputPlan::add_specs(std::vector<engine::TensorSpec>& specs) const {
  if (kind_ == Kind::kTensor) specs.push_back({.name = name_, .has_rank = false});
  for (const OutputPlan& child : children_) child.add_specs(specs);
}

void OutputPlan::take(const c10::IValue& value, std::vector<at::Tensor>& tensors) const {
  const auto require = [&](bool is_so, size_t count) {
    if (is_so && count == children_.size()) return;
    throw Failure(XPURT_ENGINE, "the model returned " + value.tagKind() + " of " +
                                    std::to_string(count) + " where " +
                                    std::to_string(children_.size()) + " outputs were expected");
  };
  switch (kind_) {
    case Kind::kTensor:
      if (!value.isTensor()) {
        throw Failure(XPURT_ENGINE, "output '" + name_ + "' is " + value.tagKind() +
                                        " in this run, and not a tensor");
      }
      tensors.push_back(value.toTensor());
      return;
    case Kind::kTuple:
      require(value.isTuple(), value.isTuple() ? value.toTupleRef().elements().size() : 0);
      for (size_t i = 0; i < children_.size(); ++i) {
        children_[i].take(value.toTupleRef().elements()[i], tensors);
      }
      return;
    case Kind::kList: {
      require(value.isList(), value.isList() ? value.toListRef().size() : 0);
      const auto list = value.toListRef();
      for (size_t i = 0; i < children_.size(); ++i) children_[i].take(list[i], tensors);
      return;
    }
    case Kind::kDict: {
      require(value.isGenericDict(), value.isGenericDict() ? value.toGenericDict().size() : 0);
      const auto dict = value.toGenericDict();
      for (size_t i = 0; i < children_.size(); ++i) {
        const auto found = dict.find(keys_[i]);
        if (found == dict.end()) {
          throw Failure(XPURT_ENGINE, "the model returned no '" + keys_[i] + "' in this run");
        }
        children_[i].take(found->value(), tensors);
      }
      return;
    }
  }
}

}  // namespace xpuruntime::torch_engine
