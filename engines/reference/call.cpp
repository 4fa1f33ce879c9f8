// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include "ops/ops.h"

namespace xpuruntime::reference {

using engine::Failure;

std::string node_text(const onnx::Node& node) {
  std::string name = "node '" + node.name + "'";
  if (node.name.empty()) {
    name = "the node of '" + (node.outputs.empty() ? std::string() : node.outputs[0]) + "'";
  }
  return name + " (" + (node.domain.empty() ? "" : node.domain + ".") + node.op_type + ")";
}

Call::Call(const onnx::Node& node, int64_t opset, std::vector<const Tensor*> inputs, Memory& memory,
           Allocate allocate)
    : node_(node),
      opset_(opset),
      inputs_(std::move(inputs)),
      outputs_(node.outputs.size()),
      memory_(memory),
      allocate_(std::move(allocate)) {}

const Tensor& Call::input(size_t i) const {
  if (!has_input(i)) fail("input " + std::to_string(i) + " is missing");
  return *inputs_[i];
}

std::vector<int64_t> Call::integers(size_t i) const {
  const Tensor& tensor = input(i);
  if (tensor.rank() > 1) fail("input " + std::to_string(i) + " must have one dimension");
  std::vector<int64_t> values;
  dispatch(tensor.dtype(), Types<int64_t, int32_t>{}, [&]<typename T>() {
    values.assign(tensor.values<T>(), tensor.values<T>() + tensor.size());
  });
  return values;
}

Tensor Call::as(size_t i, DType dtype) const {
  return input(i).dtype() == dtype ? input(i) : own(i, dtype);
}

Tensor Call::converted(const Tensor& from, DType dtype) const {
  Tensor to = scratch(dtype, from.shape());
  convert(*this, from, to);
  return to;
}

bool Call::has_output(size_t i) const {
  return i < node_.outputs.size() && !node_.outputs[i].empty();
}

Tensor& Call::output(size_t i, DType dtype, Shape shape) {
  if (i >= outputs_.size()) fail("output " + std::to_string(i) + " is missing");
  outputs_[i] = allocate_(i, dtype, std::move(shape));
  return outputs_[i];
}

void Call::output_view(size_t i, Tensor view) {
  if (i >= outputs_.size()) fail("output " + std::to_string(i) + " is missing");
  outputs_[i] = std::move(view);
}

template <typename T>
const T* Call::attribute(const char* name, const char* kind) const {
  const onnx::Attribute* found = node_.attribute(name);
  if (found == nullptr) return nullptr;
  const T* value = std::get_if<T>(&found->value);
  if (value == nullptr) fail("attribute '" + std::string(name) + "' must be " + kind);
  return value;
}

int64_t Call::int_or(const char* name, int64_t otherwise) const {
  const auto* value = attribute<int64_t>(name, "an integer");
  return value != nullptr ? *value : otherwise;
}

double Call::float_or(const char* name, double otherwise) const {
  const auto* value = attribute<float>(name, "a float");
  return value != nullptr ? static_cast<double>(*value) : otherwise;
}

std::string Call::string_or(const char* name, const char* otherwise) const {
  const auto* value = attribute<std::string>(name, "a string");
  return value != nullptr ? *value : otherwise;
}

std::optional<std::vector<int64_t>> Call::ints(const char* name) const {
  const auto* value = attribute<std::vector<int64_t>>(name, "a list of integers");
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

const onnx::Tensor* Call::tensor(const char* name) const {
  return attribute<onnx::Tensor>(name, "a tensor");
}

std::optional<std::vector<int64_t>> Call::axes(size_t i, int64_t input_since) const {
  if (opset_ < input_since) return ints("axes");
  return has_input(i) ? std::optional(integers(i)) : std::nullopt;
}

size_t Call::axis(int64_t given, int64_t rank) const {
  if (given < -rank || given >= rank) {
    fail("axis " + std::to_string(given) + " is not one of " + std::to_string(rank) +
         " dimensions");
  }
  return static_cast<size_t>(given < 0 ? given + rank : given);
}

Shape Call::broadcast_shape(size_t a, size_t b) const {
  const auto shape = broadcast(input(a).shape(), input(b).shape());
  if (!shape) fail("the shapes do not broadcast to one");
  return *shape;
}

Operands Call::operands(std::optional<int64_t> old_axis, bool of_one_dtype) const {
  const Tensor& a = input(0);
  Tensor b = input(1);
  if (of_one_dtype && a.dtype() != b.dtype()) fail("the inputs' dtypes differ");
  if (node_.attribute("axis") != nullptr) old_axis = int_or("axis", 0);
  if (opset_ < 7 && old_axis && b.size() != 1) {
    const size_t end = axis(*old_axis, a.rank()) + b.shape().size();
    Shape longer = b.shape();
    if (end < a.shape().size()) longer.resize(longer.size() + a.shape().size() - end, 1);
    b = b.reshaped(std::move(longer));
  }
  auto shape = broadcast(a.shape(), b.shape());
  if (!shape) fail("the shapes do not broadcast to one");
  return {a, std::move(b), *std::move(shape)};
}

std::string Call::where() const {
  std::string inputs;
  for (const Tensor* tensor : inputs_) {
    inputs += (inputs.empty() ? "" : ", ") + (tensor != nullptr ? text(*tensor) : "none");
  }
  return " (inputs: " + (inputs.empty() ? "none" : inputs) + ")";
}

void Call::fail(const std::string& text) const {
  throw Failure(XPURT_INVALID_ARGUMENT, node_text(node_) + ": " + text + where());
}

void Call::unsupported(const std::string& text) const {
  throw Failure(XPURT_UNSUPPORTED_OPERATION, node_text(node_) + ": " + text + where());
}

void Call::unsupported(DType dtype) const {
  unsupported("engine reference does not compute this operator on " + onnx::dtype_name(dtype));
}

}  // namespace xpuruntime::reference
