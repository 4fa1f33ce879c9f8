// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <memory>

#include "command_line.h"
#include "interrupt.h"
#include "print_report.h"
#include "progress_line.h"
#include "session_options.h"
#include "text_file.h"
#include "tolerance_options.h"
#include "toolkit/convert_text.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/convert.h"

namespace xpuruntime::xpurt {
namespace {

struct ConvertArguments {
  std::string source;
  std::string output;
  std::vector<std::string> shapes;
  std::vector<std::string> dynamic;
  std::string inputs = "random";
  std::vector<std::string> source_options;
  std::string model_factory;
  std::string preprocessing;
  ToleranceOptions tolerance;
  const CLI::App* command = nullptr;
  toolkit::ConvertOptions options;
};

bool is_dimension(const std::string& word) {
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !word.empty() && std::ranges::all_of(word, is_letter);
}

/// "ids:int64[N,128], mask[N,128]" of ids:int64=N,128 and mask=N,128.
std::string shapes_text(const std::vector<std::string>& given) {
  constexpr const char* kForm = "NAME=1,3,224,224 or NAME:TYPE=N,128";
  const auto pairs = pairs_of("--input-shape", kForm, given);
  std::string text;
  for (const std::string& each : given) {  // in the order that the model takes them
    const std::string name = each.substr(0, each.find('='));
    const std::string& dims = pairs.at(name);
    std::string rest = dims;
    while (!dims.empty()) {
      const size_t comma = rest.find(',');
      if (!is_dimension(rest.substr(0, comma))) {
        throw InvalidArgumentError("--input-shape " + name +
                                   ": expected sizes, and words for dynamic dimensions, as in "
                                   "N,3,224,224, got '" +
                                   dims + "'");
      }
      if (comma == rest.npos) break;
      rest.erase(0, comma + 1);
    }
    text += (text.empty() ? "" : ", ") + name + "[" + dims + "]";
  }
  return text;
}

/// Of "1-32"; "2-" has no upper bound.
toolkit::SizeRange range_of(const std::string& name, const std::string& text) {
  toolkit::SizeRange range;
  const char* const end = text.data() + text.size();
  const auto [dash, error] = std::from_chars(text.data(), end, range.least);
  bool fits = error == std::errc() && dash != end && *dash == '-';
  if (fits && dash + 1 != end) {
    const auto [last, wrong] = std::from_chars(dash + 1, end, range.most.emplace());
    fits = wrong == std::errc() && last == end;
  }
  if (!fits) {
    throw InvalidArgumentError("--dynamic " + name + ": expected bounds as 1-32, or 2- for none " +
                               "above, got '" + text + "'");
  }
  return range;
}

std::string read_preprocessing(const std::string& path) {
  return path.empty() ? "" : read_text_file("--preprocessing", path);
}

bool says_tolerance(const CLI::App& command) {
  return command.count("--policy") + command.count("--rtol") + command.count("--atol") > 0;
}

toolkit::ConvertReport convert_model(const ConvertArguments& arguments) {
  const Interrupt interrupt;
  ProgressLine line;
  toolkit::ConvertOptions options = arguments.options;
  options.output = arguments.output;
  options.input_shapes = shapes_text(arguments.shapes);
  for (const auto& [name, text] : pairs_of("--dynamic", "NAME=1-32", arguments.dynamic)) {
    options.dynamic[name] = range_of(name, text);
  }
  if (arguments.inputs != "random") options.input_path = arguments.inputs;
  options.source_options = pairs_of("--option", "NAME=VALUE", arguments.source_options);
  if (!arguments.model_factory.empty()) {
    options.source_options["model_factory"] = arguments.model_factory;
  }
  options.preprocessing = read_preprocessing(arguments.preprocessing);
  if (says_tolerance(*arguments.command)) options.tolerance = arguments.tolerance.tolerance();
  options.should_stop = [&] { return interrupt.requested(); };
  if (line.is_shown()) {
    options.progress = [&](const toolkit::ConvertProgress& told) {
      line.show(toolkit::printable(told.phase), told.fraction);
    };
  }
  return toolkit::convert(arguments.source, options);
}

int run_convert(const ConvertArguments& arguments, bool json) {
  const toolkit::ConvertReport report = convert_model(arguments);
  print_report(report, json);
  return report.agrees() ? 0 : 1;
}

void add_what(CLI::App& command, ConvertArguments& arguments) {
  command
      .add_option("SOURCE", arguments.source,
                  "Weights of PyTorch, TorchScript, an ONNX model, or package.module:function")
      ->required();
  command
      .add_option("--to", arguments.options.format,
                  "onnx, torchscript, pt2 (AOTInductor), executorch; of ONNX: openvino")
      ->type_name("FORMAT")
      ->required();
  command
      .add_option("--output", arguments.output,
                  "The result; by default the source's name with the format's ending, beside it")
      ->type_name("FILE");
  command.add_flag("--force", arguments.options.overwrite, "Overwrite what is there");
  command.add_flag("--keep", arguments.options.keep,
                   "Keep the result, also where it does not agree or cannot be run");
  command.add_option("--opset", arguments.options.opset, "Of ONNX (default: 17)")->type_name("N");
  command.add_flag("--fp16", arguments.options.fp16,
                   "Weights, and what is computed in, as float16; inputs and outputs stay");
}

void add_source(CLI::App& command, ConvertArguments& arguments) {
  command
      .add_option("--model-factory", arguments.model_factory,
                  "What makes the module that weights are loaded into, as "
                  "package.module:function")
      ->type_name("FUNCTION");
  command
      .add_option("--option", arguments.source_options,
                  "An option of engine python, which loads the source (xpurt engines --options)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--python", arguments.options.python_executable,
                  "The Python with the packages that convert (default: python3)")
      ->type_name("PROGRAM");
  command
      .add_option("--threads", arguments.options.threads,
                  "Threads of one run; 0: as many as there are cores")
      ->type_name("N")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
}

void add_inputs(CLI::App& command, ConvertArguments& arguments) {
  command
      .add_option("--input-shape", arguments.shapes,
                  "Sizes of an input, words for dynamic ones; of another type than float32 as "
                  "NAME:int64=N,128. Each, in the order that the model takes them")
      ->type_name("NAME=N,3,224,224")
      ->allow_extra_args(false);
  command.add_option("--dynamic", arguments.dynamic, "What a dynamic size may be; 2-: no bound")
      ->type_name("N=1-32")
      ->allow_extra_args(false);
  command
      .add_option("--inputs", arguments.inputs,
                  "What source and result are run on: a file .npz, .npy or .pb, a folder of "
                  "input_0.pb, ... or NAME.npy, or random")
      ->type_name("FILE|DIR|random")
      ->capture_default_str();
  command.add_option("--seed", arguments.options.seed, "Seed of the random inputs")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--preprocessing", arguments.preprocessing,
                  "Note this JSON object beside the result")
      ->type_name("FILE.json");
  arguments.tolerance.add_to(command);
}

}  // namespace

void add_convert_command(CommandLine& line) {
  const auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* command =
      add_command(line, "convert", "Convert a model, and check the result against it",
                  "xpurt convert net.pth --to onnx --model-factory nets:make \\\n"
                  "           --input-shape x=N,3,224,224 --dynamic N=1-32",
                  [&line, arguments] { return run_convert(*arguments, line.json); });
  arguments->command = command;
  add_what(*command, *arguments);
  add_source(*command, *arguments);
  add_inputs(*command, *arguments);
}

}  // namespace xpuruntime::xpurt
