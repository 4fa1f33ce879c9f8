// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <optional>

#include "command_line.h"
#include "onnx_text.h"
#include "output.h"
#include "section_text.h"
#include "session_options.h"
#include "session_text.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;
namespace fs = std::filesystem;

struct InfoArguments {
  std::string model;
  SessionOptions session;
};

/// Nothing for a file that is no ONNX model and does not claim to be one.
std::optional<onnx::Model> read_onnx(const fs::path& path) {
  onnx::ReadOptions options;
  options.weights = false;
  try {
    return onnx::read_model(path, options);
  } catch (const onnx::FileError& error) {
    throw ModelNotFoundError(error.what());
  } catch (const onnx::ParseError& error) {
    if (path.extension() != ".onnx") return std::nullopt;
    throw InvalidArgumentError(error.what());
  }
}

/// Of a model that is asked for by its engine, or that engines alone can read.
struct OpenedModel {
  uint64_t byte_size = 0;  ///< 0: it is no file
  SessionReport session;
  ModelInfo info;
};

OpenedModel open(const InfoArguments& arguments) {
  const fs::path path(arguments.model);
  const InferenceSession session(path, arguments.session.config({}));
  std::error_code error;
  const uint64_t bytes = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  return {bytes, session.report(), session.model_info()};
}

Json model_json(const OpenedModel& model) {
  std::string format = fs::path(model.session.model).extension().string();
  if (!format.empty()) format.erase(0, 1);
  Json inputs = Json::array(), outputs = Json::array();
  for (const TensorInfo& each : model.info.inputs) inputs.push_back(to_json(each));
  for (const TensorInfo& each : model.info.outputs) outputs.push_back(to_json(each));
  return {{"model", model.session.model},
          {"format", format},
          {"byte_size", model.byte_size},
          {"inputs", inputs},
          {"outputs", outputs},
          {"opset", model.info.opset},
          {"producer", model.info.producer},
          {"metadata", Json(model.info.metadata)},
          {"session", to_json(model.session)}};
}

std::string values_text(const char* title, const std::vector<TensorInfo>& infos,
                        const Style& style) {
  std::vector<std::pair<std::string, std::string>> types;
  for (const TensorInfo& info : infos) types.emplace_back(info.name, to_string(info));
  return xpurt::values_text(title, types, style);
}

std::string model_text(const OpenedModel& model) {
  const Style style = Style::of(stdout);
  TextTable facts({Align::kLeft, Align::kLeft});
  facts.add_row({"model", printable(model.session.model)});
  if (model.byte_size > 0) facts.add_row({"size", toolkit::format_bytes(model.byte_size)});
  facts.add_row({"engine", session_line(model.session)});
  if (model.info.opset > 0) facts.add_row({"opset", std::to_string(model.info.opset)});
  if (!model.info.producer.empty()) facts.add_row({"producer", printable(model.info.producer)});
  add_validators(facts, model.session);
  std::string text = facts.text(toolkit::terminal_width(stdout)) +
                     values_text("inputs", model.info.inputs, style) +
                     values_text("outputs", model.info.outputs, style);
  TextTable nodes({Align::kRight, Align::kLeft});
  for (const auto& [name, count] : model.session.placement) {
    nodes.add_row({toolkit::format_count(static_cast<uint64_t>(count)), printable(name)});
  }
  if (!model.session.placement.empty()) text += section_text("nodes run by", nodes, style);
  TextTable metadata({Align::kLeft, Align::kLeft});
  for (const auto& [key, value] : model.info.metadata) {
    metadata.add_row({printable(key), printable(value)});
  }
  if (!model.info.metadata.empty()) text += section_text("metadata", metadata, style);
  return text;
}

}  // namespace

void add_info_command(CommandLine& line) {
  const auto arguments = std::make_shared<InfoArguments>();
  CLI::App* command = add_command(
      line, "info", "Show what a model takes, gives and is made of", "xpurt info model.onnx --json",
      [&line, arguments] {
        const fs::path path(arguments->model);
        std::error_code error;
        if (fs::is_directory(path, error)) {
          throw InvalidArgumentError("model " + path.string() + " is a folder, not a file");
        }
        std::optional<onnx::Model> onnx;
        if (arguments->session == SessionOptions()) onnx = read_onnx(path);
        const auto show = [&](const auto&... model) {
          line.json ? print_json(model_json(model...)) : print(model_text(model...));
        };
        onnx ? show(arguments->model, *onnx) : show(open(*arguments));
        return 0;
      });
  command->add_option("MODEL", arguments->model, "A model file; ONNX is read without an engine")
      ->required();
  arguments->session.add_to(*command);
}

}  // namespace xpuruntime::xpurt
