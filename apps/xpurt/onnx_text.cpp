// SPDX-License-Identifier: Apache-2.0
#include "onnx_text.h"

#include "section_text.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;

const char* kind_name(onnx::ValueKind kind) {
  switch (kind) {
    case onnx::ValueKind::kTensor:
      return "tensor";
    case onnx::ValueKind::kSparseTensor:
      return "sparse_tensor";
    case onnx::ValueKind::kSequence:
      return "sequence";
    case onnx::ValueKind::kMap:
      return "map";
    case onnx::ValueKind::kOptional:
      return "optional";
    case onnx::ValueKind::kUnknown:
      break;
  }
  return "unknown";
}

/// "float32[batch,3,224,224]"
std::string declared_type(const onnx::ValueInfo& value) {
  if (value.kind != onnx::ValueKind::kTensor) return kind_name(value.kind);
  std::string text = onnx::dtype_name(value.dtype) + "[";
  if (!value.has_rank) return text + "...]";
  for (size_t i = 0; i < value.shape.size(); ++i) {
    const bool named = i < value.dim_names.size() && !value.dim_names[i].empty();
    text += (i == 0 ? "" : ",") + (value.shape[i] >= 0 ? std::to_string(value.shape[i])
                                   : named             ? value.dim_names[i]
                                                       : "?");
  }
  return text + "]";
}

uint64_t parameter_count(const onnx::Model& model) {
  uint64_t count = 0;
  for (const auto& tensor : model.graph.initializers) {
    count += onnx::element_count(tensor.shape).value_or(0);
  }
  return count;
}

std::vector<onnx::ValueInfo> required_inputs(const onnx::Model& model) {
  std::vector<onnx::ValueInfo> inputs;
  for (const auto* input : model.graph.required_inputs()) inputs.push_back(*input);
  return inputs;
}

Json values_json(const std::vector<onnx::ValueInfo>& values) {
  Json list = Json::array();
  for (const auto& value : values) {
    Json json{{"name", value.name}, {"kind", kind_name(value.kind)}};
    json["dtype"] = onnx::dtype_name(value.dtype);
    json["shape"] = value.has_rank ? Json(value.shape) : Json(nullptr);
    json["dim_names"] = value.dim_names;
    list.push_back(json);
  }
  return list;
}

std::string facts_text(const std::string& path, const onnx::Model& model) {
  std::string size = toolkit::format_bytes(model.byte_size);
  if (model.external_byte_size > 0) {
    size += " and " + toolkit::format_bytes(model.external_byte_size) + " in other files";
  }
  std::string opsets;
  for (const auto& [domain, version] : model.opsets) {
    opsets += (opsets.empty() ? "" : ", ") + (domain.empty() ? "" : printable(domain) + " ") +
              std::to_string(version);
  }
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"model", printable(path)});
  table.add_row(
      {"size", size + ", " + toolkit::format_count(parameter_count(model)) + " parameters"});
  table.add_row({"format", "ONNX, IR version " + std::to_string(model.ir_version)});
  table.add_row({"opset", opsets.empty() ? "not given" : opsets});
  const std::string producer = model.producer_name + " " + model.producer_version;
  if (producer != " ") table.add_row({"producer", printable(producer)});
  if (!model.graph.name.empty()) table.add_row({"graph", printable(model.graph.name)});
  if (!model.doc.empty()) table.add_row({"doc", printable(model.doc)});
  return table.text(toolkit::terminal_width(stdout));
}

std::string values_text(const char* title, const std::vector<onnx::ValueInfo>& values,
                        const Style& style) {
  std::vector<std::pair<std::string, std::string>> types;
  for (const auto& value : values) types.emplace_back(value.name, declared_type(value));
  return xpurt::values_text(title, types, style);
}

std::string operators_text(const onnx::Model& model, const Style& style) {
  TextTable table({Align::kRight, Align::kLeft});
  for (const auto& [name, count] : model.operator_counts()) {
    table.add_row({toolkit::format_count(count), printable(name)});
  }
  return section_text("operators", table, style);
}

std::string metadata_text(const onnx::Model& model, const Style& style) {
  if (model.metadata.empty()) return "";
  TextTable table({Align::kLeft, Align::kLeft});
  for (const auto& [key, value] : model.metadata) table.add_row({printable(key), printable(value)});
  return section_text("metadata", table, style);
}

}  // namespace

Json model_json(const std::string& path, const onnx::Model& model) {
  Json opsets = Json::object(), metadata = Json::object();
  for (const auto& [domain, version] : model.opsets) {
    opsets[domain.empty() ? "ai.onnx" : domain] = version;
  }
  for (const auto& [key, value] : model.metadata) metadata[key] = value;
  return {{"model", path},
          {"format", "onnx"},
          {"byte_size", model.byte_size},
          {"external_byte_size", model.external_byte_size},
          {"ir_version", model.ir_version},
          {"opsets", opsets},
          {"producer", {{"name", model.producer_name}, {"version", model.producer_version}}},
          {"domain", model.domain},
          {"model_version", model.model_version},
          {"graph", model.graph.name},
          {"doc", model.doc},
          {"inputs", values_json(required_inputs(model))},
          {"outputs", values_json(model.graph.outputs)},
          {"nodes", model.graph.nodes.size()},
          {"operators", Json(model.operator_counts())},
          {"functions", model.functions},
          {"parameters", parameter_count(model)},
          {"metadata", metadata}};
}

std::string model_text(const std::string& path, const onnx::Model& model) {
  const Style style = Style::of(stdout);
  return facts_text(path, model) + values_text("inputs", required_inputs(model), style) +
         values_text("outputs", model.graph.outputs, style) + operators_text(model, style) +
         metadata_text(model, style);
}

}  // namespace xpuruntime::xpurt
