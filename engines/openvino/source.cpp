// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <algorithm>
#include <filesystem>
#include <openvino/frontend/manager.hpp>
#include <openvino/op/result.hpp>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "devices.h"
#include "onnx/error.h"
#include "onnx/model.h"
#include "status.h"
#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::openvino {
namespace {

namespace fs = std::filesystem;
using engine::Failure;
using engine::LoadArgs;

std::string_view text_of(const LoadArgs& args) {
  return {reinterpret_cast<const char*>(args.bytes().data()), args.bytes().size()};
}

/// An IR model is XML; bytes that are none are taken for ONNX.
bool is_onnx(const LoadArgs& args) {
  if (args.source() == XPURT_SOURCE_PATH) return fs::path(args.path()).extension() == ".onnx";
  const std::string_view text = text_of(args);
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == text.npos || !text.substr(begin).starts_with('<');
}

onnx::Model read_header(const LoadArgs& args) {
  try {
    onnx::ReadOptions options;
    options.weights = false;
    options.base_folder = args.base_folder();
    options.label = source_name(args);
    return args.source() == XPURT_SOURCE_PATH ? onnx::read_model(fs::path(args.path()), options)
                                              : onnx::read_model(args.bytes(), options);
  } catch (const onnx::ParseError& error) {
    throw Failure(XPURT_INVALID_ARGUMENT, error.what());
  }
}

void require_tensors(const std::vector<onnx::ValueInfo>& values, const char* what) {
  for (const onnx::ValueInfo& value : values) {
    if (value.kind == onnx::ValueKind::kTensor || value.kind == onnx::ValueKind::kUnknown) continue;
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  std::string(what) + " '" + value.name +
                      "' is a sequence, map or other value, and this engine runs models of "
                      "tensors only");
  }
}

/// ONNX wants each node after those that make what it reads; OpenVINO makes something of any order.
void check_order(const onnx::Graph& graph, const std::string& where) {
  std::set<std::string_view> made{""};  // an optional input that is left out
  for (const onnx::ValueInfo& input : graph.inputs) made.insert(input.name);
  for (const onnx::Tensor& weight : graph.initializers) made.insert(weight.name);
  made.insert(graph.sparse_initializers.begin(), graph.sparse_initializers.end());
  for (const onnx::Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) {
      if (made.contains(input)) continue;
      throw Failure(XPURT_INVALID_ARGUMENT, where + ": a node " + node.op_type + " reads '" +
                                                input + "', which nothing makes before it");
    }
    made.insert(node.outputs.begin(), node.outputs.end());
  }
}

ModelNotes notes_of(const onnx::Model& header) {
  ModelNotes notes{header.opset(), header.producer_name, header.metadata, {}};
  const auto add = [&](const char* key, const std::string& value) {
    const auto has_name = [&](const auto& entry) { return entry.first == key; };
    if (value.empty() || std::ranges::any_of(notes.metadata, has_name)) return;
    notes.metadata.emplace_back(key, value);
  };
  add("graph_name", header.graph.name);
  add("description", header.doc);
  add("domain", header.domain);
  if (header.model_version > 0) add("model_version", std::to_string(header.model_version));
  for (const auto* values : {&header.graph.inputs, &header.graph.outputs}) {
    for (const onnx::ValueInfo& value : *values) {
      notes.dim_names.emplace_back(value.name, value.dim_names);
    }
  }
  return notes;
}

/// The frontend itself, which can be told where external data lies.
std::shared_ptr<ov::Model> read_onnx_beside(const LoadArgs& args) {
  std::istringstream stream{std::string(text_of(args))};
  const auto frontend = ov::frontend::FrontEndManager().load_by_framework("onnx");
  const auto place = (fs::path(args.base_folder()) / "model.onnx").string();
  return frontend->convert(frontend->load(static_cast<std::istream*>(&stream), place));
}

std::shared_ptr<ov::Model> read_model(const LoadArgs& args, bool from_onnx) {
  if (args.source() == XPURT_SOURCE_PATH) return core().read_model(args.path());
  if (from_onnx && !args.base_folder().empty()) return read_onnx_beside(args);
  return core().read_model(std::string(text_of(args)), ov::Tensor());
}

ov::PartialShape shape_of(const xpurt_shape_profile& profile) {
  ov::PartialShape shape;
  for (uint32_t d = 0; d < profile.rank; ++d) {
    shape.push_back(ov::Dimension(profile.min[d], profile.max[d]));
  }
  return shape;
}

ov::Output<ov::Node> input_named(ov::Model& model, const std::string& name) {
  std::vector<std::string_view> known;
  const auto inputs = model.inputs();
  for (const auto& input : inputs) {
    if (input.get_names().contains(name)) return input;
    known.insert(known.end(), input.get_names().begin(), input.get_names().end());
  }
  throw Failure(XPURT_INVALID_ARGUMENT,
                "shapes: there is no input '" + name + "'" + engine::did_you_mean(name, known));
}

/// The shapes that the caller promises; one that cannot vary becomes static. OpenVINO would give
/// the model other static dimensions too, where the caller may have meant another model.
void specialize(ov::Model& model, const LoadArgs& args) {
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const xpurt_shape_profile* profile : args.profiles()) {
    const auto input = input_named(model, profile->input);
    const ov::PartialShape shape = shape_of(*profile);
    if (const auto declared = input.get_partial_shape(); !declared.compatible(shape)) {
      throw Failure(XPURT_INVALID_ARGUMENT, std::string("shapes: input '") + profile->input +
                                                "' is " + declared.to_string() + ", which " +
                                                shape.to_string() + " does not fit");
    }
    shapes[input] = shape;
  }
  if (!shapes.empty()) model.reshape(shapes);
}

/// Shows the inner value `name` as a further output.
void add_output(ov::Model& model, const std::string& name) {
  std::set<std::string_view> known;
  for (const auto& node : model.get_ordered_ops()) {
    if (ov::is_type<ov::op::v0::Result>(node)) continue;
    for (const auto& output : node->outputs()) {
      const auto& names = output.get_names();
      if (names.contains(name)) {
        model.add_results({std::make_shared<ov::op::v0::Result>(output)});
        return;
      }
      known.insert(names.begin(), names.end());
    }
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw Failure(XPURT_INVALID_ARGUMENT, "extra output '" + name + "': the model has no such value" +
                                            engine::did_you_mean(name, names));
}

}  // namespace

std::string source_name(const LoadArgs& args) {
  return args.source() == XPURT_SOURCE_PATH ? "model " + args.path() : "the model's bytes";
}

std::string tensor_name(const ov::Output<const ov::Node>& output) {
  const ov::Node& node = *output.get_node();
  const bool is_result = ov::is_type<ov::op::v0::Result>(&node);
  const auto source = is_result ? node.input_value(0) : ov::Output<ov::Node>();
  const auto& names = output.get_names();
  const std::string own =
      is_result ? source.get_node()->get_friendly_name() : node.get_friendly_name();
  if (names.contains(own)) return own;
  if (!names.empty()) return *std::ranges::min_element(names);
  const bool is_one_of_many = is_result && source.get_node()->get_output_size() > 1;
  return is_one_of_many ? own + "." + std::to_string(source.get_index()) : own;
}

SourceModel read_source(const LoadArgs& args) {
  const std::string where = source_name(args);
  if (args.source() == XPURT_SOURCE_PATH) {
    std::error_code error;
    if (!fs::exists(args.path(), error)) {
      throw Failure(XPURT_MODEL_NOT_FOUND, where + ": there is no such file");
    }
  } else if (args.bytes().empty()) {
    throw Failure(XPURT_INVALID_ARGUMENT, "the model has 0 bytes");
  }
  SourceModel source;
  std::vector<onnx::ValueInfo> onnx_outputs;
  const bool from_onnx = is_onnx(args);
  if (from_onnx) {
    onnx::Model header = read_header(args);
    check_order(header.graph, where);
    require_tensors(header.graph.inputs, "input");
    require_tensors(header.graph.outputs, "output");
    source.notes = notes_of(header);
    onnx_outputs = std::move(header.graph.outputs);
  }
  return checked(XPURT_INVALID_ARGUMENT, where, [&] {
    source.model = read_model(args, from_onnx);
    for (const auto& output : std::as_const(*source.model).outputs()) {
      source.output_names.push_back(tensor_name(output));
    }
    // Two outputs that are one tensor have the same names there, and their own in the file.
    if (onnx_outputs.size() == source.output_names.size()) {
      for (size_t i = 0; i < onnx_outputs.size(); ++i) {
        source.output_names[i] = onnx_outputs[i].name;
      }
    }
    for (const char* name : args.extra_outputs()) {
      add_output(*source.model, name);
      source.output_names.emplace_back(name);
    }
    specialize(*source.model, args);
    return std::move(source);
  });
}

}  // namespace xpuruntime::openvino
