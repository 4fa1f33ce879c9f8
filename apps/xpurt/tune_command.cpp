// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <span>

#include "command_line.h"
#include "input_options.h"
#include "interrupt.h"
#include "output.h"
#include "output_files.h"
#include "print_report.h"
#include "progress_line.h"
#include "tolerance_options.h"
#include "toolkit/atomic_file.h"
#include "toolkit/tune_text.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/tune.h"

namespace xpuruntime::xpurt {
namespace {

struct TuneArguments {
  std::string model;
  std::vector<std::string> engines{"all"};
  ToleranceOptions tolerance;
  std::string cache_dir = "auto";
  std::string output;
  bool keep_dynamic = false;
  SampleOptions sample;
  toolkit::TuneOptions options;
};

toolkit::TuneReport tune_model(const TuneArguments& arguments) {
  const Interrupt interrupt;
  ProgressLine line;
  toolkit::TuneOptions options = arguments.options;
  options.engines = arguments.engines;
  options.tolerance = arguments.tolerance.tolerance();
  arguments.sample.apply_to(options);
  options.specialize = !arguments.keep_dynamic;
  options.cache_dir = arguments.cache_dir == "none" ? "" : arguments.cache_dir;
  options.should_stop = [&] { return interrupt.requested(); };
  if (line.is_shown()) {
    options.progress = [&](const toolkit::TuneProgress& progress) {
      const std::string of = progress.trial.empty() ? "" : ", " + progress.trial;
      line.show(toolkit::printable(progress.phase + of), progress.fraction);
    };
  }
  return toolkit::tune(arguments.model, options);
}

int run_tune(const TuneArguments& arguments, bool json) {
  check_output_file("--output", arguments.output);
  const toolkit::TuneReport report = tune_model(arguments);
  if (!arguments.output.empty() && !report.winner.empty()) {
    const std::string text = xpuruntime::to_json(report.best) + "\n";
    toolkit::write_file_atomically(arguments.output, {std::as_bytes(std::span(text))});
  }
  print_report(report, json);
  if (report.interrupted) return print_error(CancelledError("interrupted; nothing was decided"));
  return report.winner.empty() ? 1 : 0;
}

void add_inputs(CLI::App& command, TuneArguments& arguments) {
  arguments.sample.add_to(command);
  command.add_flag("--keep-dynamic", arguments.keep_dynamic,
                   "Do not try a dynamic model built for these shapes alone");
}

void add_search(CLI::App& command, TuneArguments& arguments) {
  command
      .add_option("--engines", arguments.engines,
                  "What to try: ENGINE or ENGINE@DEVICE, ..., or all but `reference`")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("all");
  command
      .add_option("--precision", arguments.options.precisions,
                  "What may be computed in, where an engine can: fp32, bf16, fp16")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("fp32");
  command
      .add_option("--reference", arguments.options.reference,
                  "What outputs have to agree with; by default the engine `reference` where it "
                  "can run the model, else the first that can")
      ->type_name("ENGINE");
  arguments.tolerance.add_to(command);
  const auto add_seconds = [&](const char* name, double& value, const char* what) {
    command.add_option(name, value, what)
        ->type_name("S")
        ->check(CLI::Range(0.001, 1e6))
        ->capture_default_str();
  };
  add_seconds("--seconds", arguments.options.seconds, "Time for the search, about");
  add_seconds("--final-seconds", arguments.options.final_seconds,
              "Time for the runs of each that is measured again in the end");
}

}  // namespace

void add_tune_command(CommandLine& line) {
  const auto arguments = std::make_shared<TuneArguments>();
  CLI::App* command = add_command(line, "tune", "Find the fastest settings, for engine auto",
                                  "xpurt tune model.onnx --batch 8 --output best_config.json",
                                  [&line, arguments] { return run_tune(*arguments, line.json); });
  command->add_option("MODEL", arguments->model, "File of the model")->required();
  add_inputs(*command, *arguments);
  add_search(*command, *arguments);
  command
      ->add_option("--cache-dir", arguments->cache_dir,
                   "Where the decision is kept: a folder, none, or auto: the user's own")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--output", arguments->output,
                   "Write the settings of the fastest there, for --config")
      ->type_name("FILE.json");
}

}  // namespace xpuruntime::xpurt
