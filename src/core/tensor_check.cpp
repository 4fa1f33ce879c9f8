// SPDX-License-Identifier: Apache-2.0
#include "tensor_check.h"

#include <algorithm>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

bool fits(const TensorInfo& info, const Tensor& tensor, bool any_shape) noexcept {
  // Some engines know a type only when they have run.
  if (info.dtype != DType::kUndefined && tensor.dtype() != info.dtype) return false;
  if (any_shape || !info.has_rank) return true;
  const Shape& shape = tensor.shape();
  if (shape.rank() != info.shape.rank()) return false;
  for (size_t d = 0; d < shape.rank(); ++d) {
    // 0 in a model's declaration means dynamic, as -1 does.
    if (info.shape[d] > 0 && info.shape[d] != shape[d]) return false;
  }
  return true;
}

/// The words are made only when they are needed: this runs before every run.
void check(const char* what, const TensorInfo& info, const Tensor& tensor, bool any_shape) {
  const bool on_host = tensor.device().type == DeviceType::kCpu;
  if (tensor && on_host && fits(info, tensor, any_shape)) return;
  const std::string where = std::string(what) + " '" + info.name + "'";
  if (!tensor) throw InvalidArgumentError(where + ": the tensor is empty");
  if (!on_host) {
    throw UnsupportedOperationError(where + ": the tensor is on " + to_string(tensor.device()) +
                                    "; only host memory can be bound");
  }
  throw InvalidArgumentError(where + ": expected " + to_string(info) + ", got " +
                             std::string(dtype_name(tensor.dtype())) + to_string(tensor.shape()));
}

}  // namespace

void check_input(const TensorInfo& info, const Tensor& tensor) {
  check("input", info, tensor, false);
}

void check_output(const TensorInfo& info, const Tensor& tensor) {
  // For a dynamic output the bytes count, not the shape.
  const bool is_dynamic = std::ranges::any_of(info.shape, [](int64_t dim) { return dim <= 0; });
  check("output", info, tensor, is_dynamic);
  if (tensor.dtype() == DType::kString) {
    throw InvalidArgumentError(
        "output '" + info.name +
        "': strings cannot be written into given memory; leave the output to "
        "the engine");
  }
  if (tensor.read_only()) {
    throw InvalidArgumentError("output '" + info.name + "': the memory is read-only");
  }
}

void check_overlap(const ModelInfo& info, std::span<const Tensor> inputs,
                   std::span<const Tensor> outputs) {
  const auto refuse = [&](size_t i, const char* what, const std::string& other) {
    throw InvalidArgumentError("output '" + info.outputs[i].name +
                               "': its memory overlaps that of " + what + " '" + other +
                               "'; give it memory of its own");
  };
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (size_t j = 0; j < inputs.size(); ++j) {
      if (outputs[i].shares_memory(inputs[j])) refuse(i, "input", info.inputs[j].name);
    }
    for (size_t j = 0; j < i; ++j) {
      if (outputs[i].shares_memory(outputs[j])) refuse(i, "output", info.outputs[j].name);
    }
  }
}

}  // namespace xpuruntime
