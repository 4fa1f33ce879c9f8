// SPDX-License-Identifier: Apache-2.0
#include "onnx/cut.h"

#include <algorithm>
#include <set>

#include "onnx/schema.h"

namespace xpuruntime::onnx {
namespace {

using Names = std::set<std::string, std::less<>>;

/// What a node reads, with all that its inner graphs read: some of that is of the graph around
/// them.
void add_inputs(const ::onnx::NodeProto& node, Names& names);

void add_inputs(const ::onnx::GraphProto& graph, Names& names) {
  for (const auto& node : graph.node()) add_inputs(node, names);
  for (const auto& output : graph.output()) names.insert(output.name());
}

void add_inputs(const ::onnx::NodeProto& node, Names& names) {
  for (const auto& name : node.input()) {
    if (!name.empty()) names.insert(name);
  }
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) add_inputs(attribute.g(), names);
    for (const auto& graph : attribute.graphs()) add_inputs(graph, names);
  }
}

template <typename Field, typename Predicate>
void keep_if(Field& field, Predicate&& wanted) {
  Field kept;
  for (auto& each : field) {
    if (wanted(each)) kept.Add(std::move(each));
  }
  field.Swap(&kept);
}

/// All values that `needed` are made of. Nodes come after what they read, so one look back does.
void add_ancestors(const ::onnx::GraphProto& graph, Names& needed) {
  for (int i = graph.node_size(); i-- > 0;) {
    const auto& outputs = graph.node(i).output();
    if (std::any_of(outputs.begin(), outputs.end(),
                    [&](const auto& name) { return needed.contains(name); })) {
      add_inputs(graph.node(i), needed);
    }
  }
}

Names values_of(const ::onnx::GraphProto& graph) {
  Names names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& initializer : graph.initializer()) names.insert(initializer.name());
  for (const auto& sparse : graph.sparse_initializer()) names.insert(sparse.values().name());
  for (const auto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
  names.erase("");
  return names;
}

/// As the graph declares it, or as much as is known.
::onnx::ValueInfoProto declaration(const ::onnx::GraphProto& graph, const CutOutput& output) {
  for (const auto* infos : {&graph.output(), &graph.value_info(), &graph.input()}) {
    for (const auto& info : *infos) {
      if (info.name() == output.name) return info;
    }
  }
  ::onnx::ValueInfoProto info;
  info.set_name(output.name);
  if (output.dtype != DType::kUndefined) {
    info.mutable_type()->mutable_tensor_type()->set_elem_type(static_cast<int32_t>(output.dtype));
  }
  return info;
}

}  // namespace

std::string cut_model(const std::filesystem::path& path, std::span<const CutOutput> outputs) {
  ::onnx::ModelProto proto;
  parse_message(proto, path, "ModelProto");
  ::onnx::GraphProto& graph = *proto.mutable_graph();
  const Names values = values_of(graph);
  Names needed;
  ::google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto> declared;
  for (const auto& output : outputs) {
    if (!values.contains(output.name)) {
      throw ParseError(path.string() + ": the graph has no value '" + output.name + "'");
    }
    needed.insert(output.name);
    declared.Add(declaration(graph, output));
  }
  add_ancestors(graph, needed);
  graph.mutable_output()->Swap(&declared);
  keep_if(*graph.mutable_node(), [&](const auto& node) {
    return std::any_of(node.output().begin(), node.output().end(),
                       [&](const auto& name) { return needed.contains(name); });
  });
  const auto is_needed = [&](const auto& value) { return needed.contains(value.name()); };
  keep_if(*graph.mutable_initializer(), is_needed);
  keep_if(*graph.mutable_value_info(), is_needed);
  return proto.SerializeAsString();
}

}  // namespace xpuruntime::onnx
