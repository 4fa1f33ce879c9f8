// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <memory>

#include "bench.h"
#include "command_line.h"
#include "interrupt.h"
#include "progress_line.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {
namespace {

constexpr double kSteadyVariation = 0.05;

std::string title_of(std::optional<int64_t> batch) {
  return batch ? "batch " + std::to_string(*batch) : "bench";
}

std::function<void(const toolkit::BenchmarkProgress&)> show_on(ProgressLine& line,
                                                               const std::string& title) {
  if (!line.is_shown()) return nullptr;
  return [&line, title](const toolkit::BenchmarkProgress& progress) {
    line.show(title + (progress.warming_up ? ", warming up" : ""), progress.fraction,
              ", " + toolkit::format_count(progress.runs) + " runs");
  };
}

void warn_of_variation(BenchReport& report) {
  for (const auto& row : report.rows) {
    if (!row.latency || row.latency->coefficient_of_variation <= kSteadyVariation) continue;
    report.warnings.push_back(title_of(row.batch) + ": latencies vary by " +
                              toolkit::format_percent(row.latency->coefficient_of_variation) +
                              "; the machine may be busy");
  }
}

BenchReport bench(const BenchArguments& arguments) {
  const Interrupt interrupt;
  ProgressLine progress;
  SessionConfig config = arguments.session.config(arguments.random);
  config.progress = [&](const char*, uint64_t, uint64_t) { return !interrupt.requested(); };
  progress.show("loading");

  const InferenceSession session(std::filesystem::path(arguments.model), config);
  BenchReport report;
  report.session = session.report();
  report.inputs = session.input_info();
  report.machine = toolkit::machine_facts();
  std::vector<std::optional<int64_t>> batches(arguments.batches.begin(), arguments.batches.end());
  if (batches.empty()) batches.emplace_back();
  for (const auto batch : batches) {
    const toolkit::BenchmarkOptions options{.warm_up = arguments.warm_up,
                                            .iterations = arguments.iterations,
                                            .seconds = arguments.seconds,
                                            .should_stop = [&] { return interrupt.requested(); },
                                            .progress = show_on(progress, title_of(batch))};
    report.rows.push_back(bench_row(session, arguments, batch, options));
    report.interrupted = interrupt.requested();
    if (report.interrupted) break;
  }
  warn_of_variation(report);
  return report;
}

/// What was found of leaks, besides the figures.
int verdict(const BenchReport& report) {
  const auto grows = [](const BenchRow& row) { return row.growth && row.growth->grows; };
  return std::ranges::any_of(report.rows, grows) ? 1 : 0;
}

/// What was measured is shown also when Ctrl-C ended it early; the exit code tells.
int run_bench(const BenchArguments& arguments, bool json) {
  const BenchReport report = bench(arguments);
  if (json) {
    print_json(bench_json(arguments, report));
  } else {
    print(bench_text(arguments, report));
    for (const auto& warning : report.warnings) print_warning(toolkit::printable(warning));
  }
  if (!report.interrupted) return verdict(report);
  const CancelledError cancelled("interrupted; the figures are of the runs until then");
  print_error(cancelled);
  return cancelled.exit_code();
}

void add_options(CLI::App& command, BenchArguments& arguments) {
  command.add_option("MODEL", arguments.model, "A model file")->required();
  command.add_option("--batch", arguments.batches, "Sizes of the batch, one benchmark each")
      ->type_name("N,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 31));
  auto* iterations = command.add_option("--iterations", arguments.iterations, "Runs to time")
                         ->type_name("N")
                         ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command
      .add_option("--seconds", arguments.seconds,
                  "Time to spend on each batch, where --iterations is not given")
      ->type_name("S")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str()
      ->excludes(iterations);
  command.add_option("--warm-up", arguments.warm_up, "Runs before, not timed")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 40))
      ->capture_default_str();
  command
      .add_option("--mode", arguments.mode,
                  "bound: memory is bound once; run: each run gives new outputs")
      ->type_name("MODE")
      ->check(CLI::IsMember({"bound", "run"}))
      ->capture_default_str();
  command.add_flag("--leak-check", arguments.leak_check,
                   "Run as often again, and exit with 1 if memory goes on growing");
  arguments.random.add_to(command);
  arguments.session.add_to(command);
}

}  // namespace

void add_bench_command(CommandLine& line) {
  const auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = add_command(line, "bench", "Measure latency and throughput on random inputs",
                                  "xpurt bench model.onnx --batch 1,8 --seconds 10",
                                  [&line, arguments] { return run_bench(*arguments, line.json); });
  add_options(*command, *arguments);
}

}  // namespace xpuruntime::xpurt
