// SPDX-License-Identifier: Apache-2.0
/// Makes ONNX models in code: a thin layer over the schema's own messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "onnx/schema.h"
#include "onnx/tensor.h"

namespace xpuruntime::onnx::testing {

inline ::onnx::TensorProto tensor_proto(const Tensor& tensor) {
  ::onnx::TensorProto proto;
  proto.set_name(tensor.name);
  proto.set_data_type(static_cast<int32_t>(tensor.dtype));
  for (const int64_t dim : tensor.shape) proto.add_dims(dim);
  if (tensor.dtype == DType::kString) {
    for (const std::string& text : tensor.strings) proto.add_string_data(text);
  } else {
    proto.set_raw_data(tensor.bytes);
  }
  return proto;
}

/// A node whose attributes are added one by one.
class NodeBuilder {
 public:
  explicit NodeBuilder(::onnx::NodeProto& node) : node_(node) {}

  NodeBuilder& integer(const std::string& name, int64_t value) {
    add(name, ::onnx::AttributeProto::INT).set_i(value);
    return *this;
  }
  NodeBuilder& number(const std::string& name, float value) {
    add(name, ::onnx::AttributeProto::FLOAT).set_f(value);
    return *this;
  }
  NodeBuilder& text(const std::string& name, const std::string& value) {
    add(name, ::onnx::AttributeProto::STRING).set_s(value);
    return *this;
  }
  NodeBuilder& integers(const std::string& name, const std::vector<int64_t>& values) {
    auto& attribute = add(name, ::onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute.add_ints(value);
    return *this;
  }
  NodeBuilder& tensor(const std::string& name, const Tensor& value) {
    *add(name, ::onnx::AttributeProto::TENSOR).mutable_t() = tensor_proto(value);
    return *this;
  }
  ::onnx::AttributeProto& add(const std::string& name, ::onnx::AttributeProto::AttributeType type) {
    auto& attribute = *node_.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

 private:
  ::onnx::NodeProto& node_;
};

class ModelBuilder {
 public:
  explicit ModelBuilder(int64_t opset = 17) {
    proto.set_ir_version(8);
    proto.set_producer_name("model_builder");
    proto.add_opset_import()->set_version(opset);
  }

  ::onnx::GraphProto& graph() { return *proto.mutable_graph(); }

  /// A dimension of -1 is symbolic, and named after its place: "d0", "d1".
  ModelBuilder& input(const std::string& name, DType dtype, const std::vector<int64_t>& dims) {
    add_dims(declare(*graph().add_input(), name, dtype), dims);
    return *this;
  }
  ModelBuilder& output(const std::string& name, DType dtype, const std::vector<int64_t>& dims) {
    add_dims(declare(*graph().add_output(), name, dtype), dims);
    return *this;
  }
  /// Of a rank that is not declared.
  ModelBuilder& input(const std::string& name, DType dtype) {
    declare(*graph().add_input(), name, dtype);
    return *this;
  }
  ModelBuilder& output(const std::string& name, DType dtype) {
    declare(*graph().add_output(), name, dtype);
    return *this;
  }
  ModelBuilder& weight(const std::string& name, Tensor tensor) {
    tensor.name = name;
    *graph().add_initializer() = tensor_proto(tensor);
    return *this;
  }
  NodeBuilder node(const std::string& op_type, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs, const std::string& name = "") {
    auto& node = *graph().add_node();
    node.set_op_type(op_type);
    node.set_name(name);
    for (const auto& input : inputs) node.add_input(input);
    for (const auto& output : outputs) node.add_output(output);
    return NodeBuilder(node);
  }
  std::string bytes() const { return proto.SerializeAsString(); }

  ::onnx::ModelProto proto;

 private:
  static ::onnx::TypeProto::Tensor& declare(::onnx::ValueInfoProto& value, const std::string& name,
                                            DType dtype) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(static_cast<int32_t>(dtype));
    return type;
  }
  static void add_dims(::onnx::TypeProto::Tensor& type, const std::vector<int64_t>& dims) {
    auto& shape = *type.mutable_shape();
    for (size_t i = 0; i < dims.size(); ++i) {
      auto& dim = *shape.add_dim();
      if (dims[i] < 0) {
        dim.set_dim_param("d" + std::to_string(i));
      } else {
        dim.set_dim_value(dims[i]);
      }
    }
  }
};

inline std::span<const std::byte> as_bytes(const std::string& bytes) {
  return std::as_bytes(std::span(bytes));
}

}  // namespace xpuruntime::onnx::testing
