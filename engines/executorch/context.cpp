// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "element_type.h"
#include "status.h"

namespace xpuruntime::executorch_engine {
namespace {

using engine::Failure;
using engine::RunArgs;
using executorch::runtime::EValue;

constexpr size_t kMostDimensions = 16;  // as many as ExecuTorch has

}  // namespace

ExecuTorchContext::ExecuTorchContext(std::shared_ptr<const LoadedModel> model)
    : model_(std::move(model)), method_(model_->program), targets_(model_->outputs.size()) {}

void ExecuTorchContext::run(const RunArgs& args) {
  const engine::ModelSpec& spec = model_->spec;
  args.check_counts(spec.inputs.size(), spec.outputs.size());
  args.check_deadline();
  clear_log();
  for (uint32_t i = 0; i < args.input_count(); ++i) set_input(args, i);
  for (uint32_t i = 0; i < args.output_count(); ++i) set_output(args, i);
  check(method_->execute(), "");
  for (uint32_t i = 0; i < args.output_count(); ++i) commit(args, i);
}

void ExecuTorchContext::set_input(const RunArgs& args, uint32_t i) {
  const engine::TensorSpec& spec = model_->spec.inputs[i];
  const std::string name = "input '" + spec.name + "'";
  if (!args.has_input(i)) throw Failure(XPURT_INVALID_ARGUMENT, name + " is missing");
  const xpurt_value& value = args.input(i);
  if (value.kind != XPURT_KIND_TENSOR || value.strides != nullptr ||
      value.device.type != XPURT_DEVICE_CPU) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  name + ": this engine takes dense tensors in host memory");
  }
  if (value.dtype != spec.dtype) {
    throw Failure(XPURT_INVALID_ARGUMENT, name + ": expected element type " +
                                              std::to_string(spec.dtype) + ", got " +
                                              std::to_string(value.dtype) + " (ONNX's numbers)");
  }
  const size_t rank = static_cast<size_t>(value.rank);
  model_notes::check_shape(model_->inputs[i], {value.shape, rank});
  std::array<int32_t, kMostDimensions> sizes{};
  std::array<int32_t, kMostDimensions> strides{};
  std::array<uint8_t, kMostDimensions> order{};
  // Within the program's bounds, which are as small: all fit.
  int64_t stride = 1;
  for (size_t d = rank; d-- > 0;) {
    sizes[d] = static_cast<int32_t>(value.shape[d]);
    strides[d] = static_cast<int32_t>(stride);
    order[d] = static_cast<uint8_t>(d);
    stride *= std::max<int64_t>(value.shape[d], 1);
  }
  executorch::aten::TensorImpl tensor(element_type_of(value.dtype), value.rank, sizes.data(),
                                      value.data, order.data(), strides.data());
  check(method_->set_input(EValue(executorch::aten::Tensor(&tensor)), i), name,
        XPURT_INVALID_ARGUMENT);
  if (model_->is_input_planned[i]) {
    args.copied(value.byte_size, "the program has planned memory for its inputs");
  }
}

/// Memory for an output that the program planned none for: as much as it may ever take, the host's
/// unless the caller bound less.
void ExecuTorchContext::set_output(const RunArgs& args, uint32_t i) {
  Target& target = targets_[i];
  target.reserved = nullptr;
  const LoadedModel::Output& output = model_->outputs[i];
  if (output.is_planned) return;
  uint64_t capacity = 0;
  const xpurt_value* const bound = args.bound(i, &capacity);
  const bool is_too_small =
      bound != nullptr && bound->data != nullptr && capacity < output.most_bytes;
  if (is_too_small) {
    target.own.resize(output.most_bytes);
  } else {
    target.reserved = args.reserve(i, output.most_bytes);
  }
  void* const data = is_too_small ? target.own.data() : target.reserved;
  check(method_->set_output_data_ptr(data, output.most_bytes, i),
        "output '" + model_->spec.outputs[i].name + "'");
}

void ExecuTorchContext::commit(const RunArgs& args, uint32_t i) {
  const auto& tensor = method_->get_output(i).toTensor();
  const std::vector<int64_t> shape(tensor.sizes().begin(), tensor.sizes().end());
  const uint64_t bytes = tensor.nbytes();
  void* data = targets_[i].reserved;
  if (data == nullptr) {
    data = args.reserve(i, bytes);
    if (bytes != 0) std::memcpy(data, tensor.const_data_ptr(), bytes);
    args.copied(bytes, model_->outputs[i].is_planned
                           ? "the program has planned memory for its outputs"
                           : "the bound memory is smaller than the output may become");
  }
  args.commit(i, dtype_of(tensor.scalar_type()), shape, data, bytes);
}

}  // namespace xpuruntime::executorch_engine
