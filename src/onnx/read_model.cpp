// SPDX-License-Identifier: Apache-2.0
#include "onnx/model.h"
#include "onnx/schema.h"

namespace xpuruntime::onnx {
namespace {

std::shared_ptr<const Graph> read_graph(::onnx::GraphProto& proto, TensorSource& source);

void read_shape(const ::onnx::TensorShapeProto& shape, ValueInfo& info) {
  info.has_rank = true;
  for (const auto& dim : shape.dim()) {
    info.shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : -1);
    info.dim_names.push_back(dim.dim_param());
  }
}

ValueInfo read_value(const ::onnx::ValueInfoProto& proto) {
  ValueInfo info;
  info.name = proto.name();
  const ::onnx::TypeProto& type = proto.type();
  switch (type.value_case()) {
    case ::onnx::TypeProto::kTensorType:
      info.kind = ValueKind::kTensor;
      info.dtype = static_cast<DType>(type.tensor_type().elem_type());
      if (type.tensor_type().has_shape()) read_shape(type.tensor_type().shape(), info);
      break;
    case ::onnx::TypeProto::kSparseTensorType:
      info.kind = ValueKind::kSparseTensor;
      break;
    case ::onnx::TypeProto::kSequenceType:
      info.kind = ValueKind::kSequence;
      break;
    case ::onnx::TypeProto::kMapType:
      info.kind = ValueKind::kMap;
      break;
    case ::onnx::TypeProto::kOptionalType:
      info.kind = ValueKind::kOptional;
      break;
    default:
      break;
  }
  return info;
}

template <typename Field>
std::vector<ValueInfo> read_values(const Field& field) {
  std::vector<ValueInfo> values;
  for (const auto& value : field) values.push_back(read_value(value));
  return values;
}

Attribute::Value read_attribute_value(::onnx::AttributeProto& proto, TensorSource& source) {
  using Type = ::onnx::AttributeProto;
  if (proto.has_ref_attr_name()) return OpaqueAttribute{"reference"};
  switch (proto.type()) {
    case Type::FLOAT:
      return proto.f();
    case Type::INT:
      return int64_t{proto.i()};
    case Type::STRING:
      return std::move(*proto.mutable_s());
    case Type::TENSOR:
      return take_tensor(*proto.mutable_t(), source);
    case Type::GRAPH:
      return read_graph(*proto.mutable_g(), source);
    case Type::FLOATS:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    case Type::INTS:
      return std::vector<int64_t>(proto.ints().begin(), proto.ints().end());
    case Type::STRINGS:
      return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
    case Type::TENSORS: {
      std::vector<Tensor> tensors;
      for (auto& tensor : *proto.mutable_tensors()) tensors.push_back(take_tensor(tensor, source));
      return tensors;
    }
    case Type::GRAPHS: {
      std::vector<std::shared_ptr<const Graph>> graphs;
      for (auto& graph : *proto.mutable_graphs()) graphs.push_back(read_graph(graph, source));
      return graphs;
    }
    case Type::SPARSE_TENSOR:
    case Type::SPARSE_TENSORS:
      return OpaqueAttribute{"sparse tensor"};
    case Type::TYPE_PROTO:
    case Type::TYPE_PROTOS:
      return OpaqueAttribute{"type"};
    case Type::UNDEFINED:
      break;
  }
  return OpaqueAttribute{"undefined"};
}

Node read_node(::onnx::NodeProto& proto, TensorSource& source) {
  Node node;
  node.name = proto.name();
  node.op_type = proto.op_type();
  node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (auto& attribute : *proto.mutable_attribute()) {
    node.attributes.push_back({attribute.name(), read_attribute_value(attribute, source)});
  }
  return node;
}

// The depth of inner graphs is bounded: protobuf refuses messages nested deeper than 100.
void fill_graph(::onnx::GraphProto& proto, TensorSource& source, Graph& graph) {
  graph.name = proto.name();
  for (auto& node : *proto.mutable_node()) graph.nodes.push_back(read_node(node, source));
  for (auto& initializer : *proto.mutable_initializer()) {
    graph.initializers.push_back(take_tensor(initializer, source));
  }
  for (const auto& sparse : proto.sparse_initializer()) {
    graph.sparse_initializers.push_back(sparse.values().name());
  }
  graph.inputs = read_values(proto.input());
  graph.outputs = read_values(proto.output());
  graph.values = read_values(proto.value_info());
}

std::shared_ptr<const Graph> read_graph(::onnx::GraphProto& proto, TensorSource& source) {
  auto graph = std::make_shared<Graph>();
  fill_graph(proto, source, *graph);
  return graph;
}

Model take_model(::onnx::ModelProto& proto, uint64_t byte_size, TensorSource source) {
  if (!proto.has_graph() || !proto.has_ir_version()) {
    throw ParseError(source.label + ": not an ONNX model (" + std::to_string(byte_size) +
                     " bytes read; protobuf ModelProto without " +
                     (proto.has_graph() ? "an IR version)" : "a graph)"));
  }
  Model model;
  model.ir_version = proto.ir_version();
  for (const auto& opset : proto.opset_import()) {
    model.opsets.emplace_back(opset.domain() == "ai.onnx" ? "" : opset.domain(), opset.version());
  }
  model.producer_name = proto.producer_name();
  model.producer_version = proto.producer_version();
  model.domain = proto.domain();
  model.model_version = proto.model_version();
  model.doc = proto.doc_string();
  for (const auto& entry : proto.metadata_props()) {
    model.metadata.emplace_back(entry.key(), entry.value());
  }
  for (const auto& function : proto.functions()) {
    model.functions.push_back(function.domain() + "." + function.name());
  }
  model.byte_size = byte_size;
  fill_graph(*proto.mutable_graph(), source, model.graph);
  model.external_byte_size = source.external_byte_size;
  return model;
}

}  // namespace

Model read_model(std::span<const std::byte> bytes, const ReadOptions& options) {
  ::onnx::ModelProto proto;
  const uint64_t size = parse_message(proto, bytes, options.label, "ModelProto");
  return take_model(proto, size, {options.base_folder, options.weights, options.label});
}

Model read_model(const std::filesystem::path& path, const ReadOptions& options) {
  ::onnx::ModelProto proto;
  const uint64_t size = parse_message(proto, path, "ModelProto");
  std::filesystem::path folder = options.base_folder;
  if (folder.empty()) folder = path.has_parent_path() ? path.parent_path() : ".";
  return take_model(proto, size, {folder, options.weights, path.string()});
}

}  // namespace xpuruntime::onnx
