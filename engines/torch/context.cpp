// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <string>
#include <utility>

#include "element_type.h"
#include "status.h"
#include "warnings.h"

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using engine::RunArgs;

std::string name_of(const char* what, const engine::TensorSpec& spec) {
  return std::string(what) + " '" + spec.name + "'";
}

/// Somebody else holds the memory: the model, or another output.
bool is_shared(const at::Tensor& tensor) {
  return tensor.use_count() > 1 || tensor.storage().use_count() > 1;
}

/// A dense tensor in host memory, with what had to be copied for it reported.
at::Tensor to_host(const RunArgs& args, at::Tensor tensor) {
  if (!tensor.is_cpu()) {
    tensor = tensor.cpu();
    args.copied(tensor.nbytes(), "from the device to host memory");
  }
  at::Tensor dense = tensor.resolve_conj().resolve_neg().contiguous();
  if (!dense.is_same(tensor)) args.copied(dense.nbytes(), "torch made a view that is not dense");
  return dense;
}

void give(const RunArgs& args, uint32_t i, at::Tensor tensor, bool read_only) {
  xpurt_value value = RunArgs::tensor(dtype_of(tensor.scalar_type()), tensor.sizes(),
                                      tensor.mutable_data_ptr(), tensor.nbytes());
  if (read_only) value.flags |= XPURT_VALUE_READ_ONLY;
  auto owner = std::make_unique<at::Tensor>(std::move(tensor));
  value.shape = owner->sizes().data();
  args.give(i, value, [](void* token) { delete static_cast<at::Tensor*>(token); }, owner.release());
}

}  // namespace

TorchContext::TorchContext(std::shared_ptr<const LoadedModel> model)
    : model_(std::move(model)),
      program_(model_->is_stateful() ? model_->program->renewed() : model_->program) {}

void TorchContext::reset() {
  checked(XPURT_ENGINE, "", [&] { program_ = model_->program->renewed(); });
}

void TorchContext::run(const RunArgs& args) {
  const engine::ModelSpec& spec = model_->spec;
  args.check_counts(spec.inputs.size(), spec.outputs.size());
  args.check_deadline();
  const LoggedWarnings warnings;
  const c10::InferenceMode inference;
  checked(XPURT_ENGINE, "", [&] {
    std::vector<at::Tensor> outputs = program_->run(take_inputs(args));
    for (uint32_t i = 0; i < outputs.size(); ++i) hand_out(args, i, std::move(outputs[i]));
  });
}

std::vector<at::Tensor> TorchContext::take_inputs(const RunArgs& args) const {
  std::vector<at::Tensor> inputs;
  inputs.reserve(args.input_count());
  for (uint32_t i = 0; i < args.input_count(); ++i) inputs.push_back(take_input(args, i));
  return inputs;
}

at::Tensor TorchContext::take_input(const RunArgs& args, uint32_t i) const {
  const engine::TensorSpec& spec = model_->spec.inputs[i];
  if (!args.has_input(i)) {
    throw Failure(XPURT_INVALID_ARGUMENT, name_of("input", spec) + " is missing");
  }
  const xpurt_value& value = args.input(i);
  if (value.kind != XPURT_KIND_TENSOR || value.strides != nullptr ||
      value.device.type != XPURT_DEVICE_CPU) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  name_of("input", spec) + ": this engine takes dense tensors in host memory");
  }
  const at::ScalarType type = element_type_of(value.dtype);
  if (type == at::ScalarType::Undefined ||
      (spec.dtype != XPURT_UNDEFINED && value.dtype != spec.dtype)) {
    throw Failure(XPURT_INVALID_ARGUMENT, name_of("input", spec) + ": expected element type " +
                                              std::to_string(spec.dtype) + ", got " +
                                              std::to_string(value.dtype) + " (ONNX's numbers)");
  }
  const at::IntArrayRef shape(value.shape, static_cast<size_t>(value.rank));
  if (!model_->notes.empty())
    model_notes::check_shape(model_->notes[i], {shape.data(), shape.size()});
  at::Tensor tensor = at::from_blob(value.data, shape, at::TensorOptions(type));
  if (model_->half && at::isFloatingType(type)) {
    args.copied(value.byte_size, "cast to the precision that was asked for");
    return tensor.to(at::TensorOptions(*model_->half).device(model_->device));
  }
  if (!model_->device.is_cpu()) {
    args.copied(value.byte_size, "from host memory to the device");
    return tensor.to(model_->device);
  }
  const char* const why = model_->why_copied[i];
  const bool is_donated = (value.flags & XPURT_VALUE_DONATED) != 0 && !model_->is_stateful();
  if (why == nullptr || is_donated) return tensor;
  args.copied(value.byte_size, why);
  return tensor.clone();
}

void TorchContext::hand_out(const RunArgs& args, uint32_t i, at::Tensor output) const {
  const engine::TensorSpec& spec = model_->spec.outputs[i];
  if (!output.defined() || output.layout() != at::kStrided || output.is_quantized()) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  name_of("output", spec) + " is no dense tensor in this run");
  }
  if (model_->half && output.scalar_type() == *model_->half) {
    output = output.to(at::kFloat);
    args.copied(output.nbytes(), "cast from the precision that was asked for");
  }
  output = to_host(args, std::move(output));
  if (output.nbytes() == 0) {
    args.commit(i, dtype_of(output.scalar_type()), output.sizes(), args.reserve(i, 0), 0);
    return;
  }
  bool shared = is_shared(output);
  if (shared && model_->is_stateful()) {  // a later run may write it
    output = output.clone();
    args.copied(output.nbytes(), "the output is the model's state");
    shared = false;
  }
  give(args, i, std::move(output), shared);
}

}  // namespace xpuruntime::torch_engine
