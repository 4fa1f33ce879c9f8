// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/ivalue.h>

#include <string>
#include <vector>

#include "source.h"
#include "xpuruntime/engine/engine.h"

namespace torch::jit {
struct Value;
}

namespace xpuruntime::torch_engine {

/// What a TorchScript model returns: a tensor, or tuples, lists and dicts of them, flattened. A
/// single tensor is named "output", one of a dict or named tuple by its key, one of a tuple or list
/// "output_<index>", and what lies deeper "<name of what it is in>_<key or index>".
class OutputPlan {
 public:
  /// Of the value that a graph returns: how many tensors lists and dicts have is told by the node
  /// that makes them, or by the notes. Throws XPURT_UNSUPPORTED_OPERATION where neither does.
  static OutputPlan of(const torch::jit::Value& returned, const Source& source);

  size_t count() const;
  void add_specs(std::vector<engine::TensorSpec>& specs) const;
  /// Appends the tensors of `value`. Throws XPURT_ENGINE where it is something else.
  void take(const c10::IValue& value, std::vector<at::Tensor>& tensors) const;

 private:
  enum class Kind { kTensor, kTuple, kList, kDict };
  struct Maker;

  std::string name_;
  Kind kind_ = Kind::kTensor;
  std::vector<OutputPlan> children_;
  std::vector<std::string> keys_;  ///< of a dict
};

}  // namespace xpuruntime::torch_engine
