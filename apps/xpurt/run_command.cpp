// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <map>
#include <memory>

#include "command_line.h"
#include "input_options.h"
#include "output.h"
#include "output_files.h"
#include "picture_options.h"
#include "session_options.h"
#include "session_text.h"
#include "tensor_text.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/session.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;
using Paths = std::map<std::string, std::filesystem::path>;

struct RunArguments {
  std::string model;
  std::string output_folder;
  InputOptions inputs;
  TopOptions top;
  SessionOptions session;
};

/// All that a run left to tell.
struct RunResult {
  SessionReport session;
  RunReport run;
  LoadedInputs inputs;
  NamedTensors outputs;
  Paths files;
  std::vector<NamedScore> top;
};

RunResult run_model(const RunArguments& arguments) {
  const InferenceSession session(std::filesystem::path(arguments.model),
                                 arguments.session.config(arguments.inputs.random));
  RunResult result;
  result.session = session.report();
  result.inputs = load_inputs(arguments.inputs, session.input_info(), arguments.model);
  result.outputs = session.run(result.inputs.tensors, {.report = &result.run});
  if (!arguments.output_folder.empty()) {
    result.files = write_outputs(arguments.output_folder, result.outputs);
  }
  result.top = top_scores(arguments.top, result.outputs);
  return result;
}

Json result_json(const RunResult& result) {
  Json inputs = Json::array(), outputs = Json::array();
  for (size_t i = 0; i < result.inputs.tensors.size(); ++i) {
    const Tensor& tensor = result.inputs.tensors[i];
    Json json = to_json(result.inputs.tensors.name(i), tensor, summarize(tensor));
    json["source"] = result.inputs.sources[i];
    inputs.push_back(json);
  }
  for (const auto& [name, tensor] : result.outputs) {
    Json json = to_json(name, tensor, summarize(tensor));
    const auto file = result.files.find(name);
    json["file"] = file == result.files.end() ? Json(nullptr) : Json(file->second.string());
    outputs.push_back(json);
  }
  return {{"session", to_json(result.session)},
          {"run", to_json(result.run)},
          {"inputs", inputs},
          {"outputs", outputs},
          {"top", to_json(result.top)}};
}

std::string copies_text(const RunReport& report) {
  if (report.copies.empty()) return "nothing";
  std::string text;
  for (const auto& copy : report.copies) {
    text += text.empty() ? "" : "\n";
    text += toolkit::format_bytes(copy.bytes) + (copy.what.empty() ? "" : " of ") +
            printable(copy.what) + ": " + printable(copy.why);
  }
  return text;
}

std::string facts_text(const RunResult& result) {
  using Seconds = std::chrono::duration<double>;
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"model", printable(result.session.model)});
  table.add_row({"engine", session_line(result.session)});
  if (!result.session.failed_choices.empty()) {
    table.add_row({"", printable(failed_choices_text(result.session))});
  }
  add_validators(table, result.session);
  const std::string load = toolkit::format_seconds(Seconds(result.session.load_time).count());
  const std::string run = toolkit::format_seconds(Seconds(result.run.run_time).count());
  table.add_row({"time", "loaded in " + load + ", ran in " + run});
  table.add_row({"copied", copies_text(result.run)});
  return table.text(toolkit::terminal_width(stdout));
}

std::string inputs_text(const LoadedInputs& inputs, const Style& style) {
  TextTable table({Align::kLeft, Align::kLeft, Align::kLeft});
  table.set_header({"input", "type", "from"});
  for (size_t i = 0; i < inputs.tensors.size(); ++i) {
    table.add_row({printable(inputs.tensors.name(i)), type_text(inputs.tensors[i]),
                   printable(inputs.sources[i])});
  }
  return table.text(toolkit::terminal_width(stdout), style);
}

std::string outputs_text(const RunResult& result, const Style& style) {
  TextTable table(
      {Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
  table.set_header({"output", "type", "min", "max", "mean", "first values"});
  std::string files;
  for (const auto& [name, tensor] : result.outputs) {
    const TensorSummary summary = summarize(tensor);
    std::string first;
    for (const auto& value : summary.first) first += value + " ";
    if (tensor.element_count() > static_cast<int64_t>(summary.first.size())) first += "...";
    if (summary.nan > 0) first += " (" + std::to_string(summary.nan) + " NaN)";
    const auto number = [&](double value) { return summary.counted ? number_text(value) : "-"; };
    table.add_row({printable(name), type_text(tensor), number(summary.min), number(summary.max),
                   number(summary.mean), first.empty() ? "(no elements)" : first});
    const auto file = result.files.find(name);
    if (file != result.files.end()) files += "wrote " + printable(file->second.string()) + "\n";
  }
  return table.text(toolkit::terminal_width(stdout), style) + (files.empty() ? "" : "\n") + files;
}

}  // namespace

void add_run_command(CommandLine& line) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = add_command(
      line, "run", "Run a model once and show what comes out",
      "xpurt run model.onnx --input image=cat.npy --output results", [&line, arguments] {
        const RunResult result = run_model(*arguments);
        if (line.json) {
          print_json(result_json(result));
          return 0;
        }
        const Style style = Style::of(stdout);
        print(facts_text(result) + "\n" + inputs_text(result.inputs, style) + "\n" +
              outputs_text(result, style) +
              (result.top.empty() ? "" : "\n" + scores_text(result.top, style)));
        return 0;
      });
  command->add_option("MODEL", arguments->model, "A model file")->required();
  arguments->inputs.add_to(*command);
  arguments->top.add_to(*command);
  command
      ->add_option(
          "--output", arguments->output_folder,
          "Folder to write the outputs to, one .npy each (.pb for types that NumPy has not)")
      ->type_name("DIR");
  arguments->session.add_to(*command);
}

}  // namespace xpuruntime::xpurt
