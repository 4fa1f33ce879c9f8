// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>

#include "command_line.h"
#include "input_options.h"
#include "interrupt.h"
#include "output.h"
#include "output_files.h"
#include "print_report.h"
#include "progress_line.h"
#include "session_options.h"
#include "tolerance_options.h"
#include "toolkit/compare_text.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::xpurt {
namespace {

struct CompareArguments {
  std::vector<std::string> models;
  std::vector<std::string> engines{"all"};
  std::string reference;
  ToleranceOptions tolerance;
  std::string cache_dir = "none";
  std::string report;
  std::vector<std::string> python_options;
  SampleOptions sample;
  PreprocessOption pictures;
  toolkit::CompareOptions options;
};

toolkit::CompareReport compare_models(const CompareArguments& arguments) {
  const Interrupt interrupt;
  ProgressLine line;
  toolkit::CompareOptions options = arguments.options;
  options.engines = arguments.engines;
  options.reference = arguments.reference;
  options.python_options = pairs_of("--option", "NAME=VALUE", arguments.python_options);
  options.tolerance = arguments.tolerance.tolerance();
  arguments.sample.apply_to(options);
  options.preprocessing = arguments.pictures.preprocessing();
  if (arguments.cache_dir != "none") options.cache_dir = arguments.cache_dir;
  options.should_stop = [&] { return interrupt.requested(); };
  if (line.is_shown()) {
    options.progress = [&](const toolkit::CompareProgress& progress) {
      const std::string of = progress.candidate.empty() ? "" : ", " + progress.candidate;
      line.show(toolkit::printable(progress.phase + of), progress.fraction);
    };
  }
  const std::vector<std::filesystem::path> models(arguments.models.begin(), arguments.models.end());
  return toolkit::compare(models, options);
}

/// 0: all agree, 1: some do not.
int verdict(const toolkit::CompareReport& report) {
  if (report.interrupted) {
    return print_error(CancelledError("interrupted; what is told is of the runs until then"));
  }
  if (report.compared() == 0) {
    return print_error(
        UnavailableError("nothing was compared: " + report.reference + " alone could be run"));
  }
  return report.agrees() ? 0 : 1;
}

int run_compare(const CompareArguments& arguments, bool json) {
  check_output_file("--report", arguments.report);
  const toolkit::CompareReport report = compare_models(arguments);
  if (!arguments.report.empty()) toolkit::write_html(report, arguments.report);
  print_report(report, json);
  return verdict(report);
}

void add_what(CLI::App& command, CompareArguments& arguments) {
  command.add_option("MODEL", arguments.models, "Files of one model, in one format or several")
      ->required();
  command
      .add_option("--engines", arguments.engines,
                  "What to compare: ENGINE or ENGINE@DEVICE, ..., or all")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("all");
  command
      .add_option(
          "--reference", arguments.reference,
          "What the others are held against; by default the engine `reference` where it can "
          "run the model, else the first that can")
      ->type_name("ENGINE");
  command
      .add_option("--model-factory", arguments.options.model_factory,
                  "What makes the model of engine python, for files of weights (.pth, .npz)")
      ->type_name("MODULE:FUNCTION");
  command
      .add_option("--python", arguments.options.python_executable,
                  "The Python that engine python runs in")
      ->type_name("PROGRAM");
  command
      .add_option("--option", arguments.python_options,
                  "An option of engine python (xpurt engines --options)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  arguments.sample.add_to(command);
  arguments.pictures.add_to(command);
}

void add_agreement(CLI::App& command, CompareArguments& arguments) {
  arguments.tolerance.add_to(command);
  command.add_flag("--bisect", arguments.options.bisect,
                   "Where outputs differ, look for the first node of the ONNX model that does");
}

void add_timing(CLI::App& command, CompareArguments& arguments) {
  auto* iterations = command
                         .add_option("--iterations", arguments.options.iterations,
                                     "Runs of each candidate to time")
                         ->type_name("N")
                         ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command
      .add_option("--seconds", arguments.options.seconds,
                  "Time to spend on the runs of each, where --iterations is not given")
      ->type_name("S")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str()
      ->excludes(iterations);
  command.add_option("--warm-up", arguments.options.warm_up, "Runs of each before, not timed")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 40))
      ->capture_default_str();
  command
      .add_option("--threads", arguments.options.threads,
                  "Threads of one run; 0: as many as there are cores")
      ->type_name("N")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command
      .add_option("--cache-dir", arguments.cache_dir,
                  "Load compiled models from there: a folder, auto: the user's own, or none")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--report", arguments.report, "Write a page with charts there as well")
      ->type_name("FILE.html");
}

}  // namespace

void add_compare_command(CommandLine& line) {
  const auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command =
      add_command(line, "compare", "Run one model on several engines: agreement and speed",
                  "xpurt compare model.onnx --engines onnxrt,reference --report out.html",
                  [&line, arguments] { return run_compare(*arguments, line.json); });
  add_what(*command, *arguments);
  add_agreement(*command, *arguments);
  add_timing(*command, *arguments);
}

}  // namespace xpuruntime::xpurt
