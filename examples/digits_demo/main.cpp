// SPDX-License-Identifier: Apache-2.0
/// Classifies held-out scans of handwritten digits on every engine that is there, and shows how
/// well, how fast, and whether the engines agree.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "digits.h"
#include "drawing.h"
#include "engine_run.h"
#include "toolkit/machine.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/agreement.h"

namespace digits_demo {
namespace {

using xpuruntime::toolkit::Align;
using xpuruntime::toolkit::format_seconds;
using xpuruntime::toolkit::Style;
using xpuruntime::toolkit::TextTable;

constexpr double kRequiredAccuracy = 0.97;
constexpr xpuruntime::toolkit::Tolerance kTolerance{.relative = 1e-4, .absolute = 1e-4};

double accuracy(const EngineRun& run) {
  return static_cast<double>(run.right) / static_cast<double>(run.readings.size());
}

/// Three scans, and the one that the classifier is least sure of.
std::vector<size_t> choose(const EngineRun& run) {
  const auto hardest = std::ranges::min_element(run.readings, {}, &Reading::confidence);
  std::vector<size_t> chosen{static_cast<size_t>(hardest - run.readings.begin())};
  for (size_t i = 0; chosen.size() < std::min<size_t>(4, run.readings.size()); ++i) {
    if (i != chosen[0]) chosen.insert(chosen.end() - 1, i);
  }
  return chosen;
}

std::string accuracy_table(const std::vector<EngineRun>& runs, const Style& style) {
  TextTable table(
      {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight});
  table.set_header({"engine", "version", "device", "threads", "right", "accuracy"});
  for (const auto& run : runs) {
    table.add_row({run.session.engine, run.session.engine_version, to_string(run.session.device),
                   std::to_string(run.session.threads),
                   fmt::format("{} of {}", run.right, run.readings.size()),
                   fmt::format("{:.2f} %", accuracy(run) * 100)});
  }
  return table.text(80, style, 2);
}

std::string latency_table(const std::vector<EngineRun>& runs, const Style& style) {
  TextTable table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight,
                   Align::kRight, Align::kRight});
  const std::string all = std::to_string(runs[0].readings.size());
  table.set_header({"engine", "1: p50", "p90", "p99", all + ": p50", "p90", "p99"});
  for (const auto& run : runs) {
    const auto &one = run.one_latency, &set = run.all_latency;
    table.add_row({run.session.engine, format_seconds(one.p50), format_seconds(one.p90),
                   format_seconds(one.p99), format_seconds(set.p50), format_seconds(set.p90),
                   format_seconds(set.p99)});
  }
  return table.text(80, style, 2);
}

struct Verdict {
  std::string text;
  bool agree = true;
};

/// Compares each engine's logits with those of the first, which is the reference where it is there.
Verdict compare(const std::vector<EngineRun>& runs, const Style& style) {
  Verdict verdict;
  TextTable table({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
  table.set_header({"engine", "largest error", "same digit", "agrees"});
  for (size_t i = 1; i < runs.size(); ++i) {
    const auto agreement =
        xpuruntime::toolkit::measure_agreement(runs[i].logits, runs[0].logits, kTolerance);
    verdict.agree = verdict.agree && agreement.agrees();
    table.add_row({runs[i].session.engine, fmt::format("{:.2g}", agreement.max_absolute_error),
                   fmt::format("{} of {}", agreement.rows_same_argmax, agreement.rows),
                   agreement.agrees() ? style.green("yes") : style.red("no")});
  }
  verdict.text = runs.size() > 1 ? table.text(80, style, 2) : "  There is no second engine.\n";
  return verdict;
}

std::vector<EngineRun> run_engines(const std::filesystem::path& model, const Digits& digits) {
  std::vector<EngineRun> runs;
  for (const auto& engine : usable_engines()) runs.push_back(run_engine(engine, model, digits));
  if (runs.empty()) {
    throw xpuruntime::UnavailableError("no engine can load ONNX models; see `xpurt engines`");
  }
  return runs;
}

void show(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// Prints the last line; the exit code.
int conclude(bool accurate, bool agree, const Style& style) {
  const std::string required = fmt::format("{:.0f} %", kRequiredAccuracy * 100);
  if (!accurate) {
    show(style.red("Less than " + required + " right: not as it should be.") + "\n");
  } else if (!agree) {
    show(style.red("The engines disagree: not as it should be.") + "\n");
  } else {
    show(style.green("At least " + required + " right on every engine, and no disagreement.") +
         "\n");
  }
  return accurate && agree ? 0 : 1;
}

/// Runs all engines and prints; the exit code.
int run(const std::filesystem::path& folder) {
  const Style style = Style::of(stdout);
  const Digits digits = load_digits(folder / "digits_heldout.npz");
  show(fmt::format("{} scans of handwritten digits that the classifier has never seen\n\n",
                   digits.count()));
  const auto runs = run_engines(folder / "digits.onnx", digits);
  const Verdict verdict = compare(runs, style);
  const auto machine = xpuruntime::toolkit::machine_facts();

  show(draw(digits, runs.back().readings, choose(runs.back()), style));
  show("\n" + style.bold("What ran, and how well") + "\n" + accuracy_table(runs, style));
  show("\n" + style.bold("Agreement with " + runs[0].session.engine) + "\n" + verdict.text);
  show("\n" + style.bold(fmt::format("Latency of 1 scan, and of {} at once", digits.count())) +
       "\n" + latency_table(runs, style));
  show(fmt::format("  on {}, {} cores\n\n", machine.cpu_model, machine.cores_allowed));
  const bool accurate = std::ranges::all_of(
      runs, [](const EngineRun& each) { return accuracy(each) >= kRequiredAccuracy; });
  return conclude(accurate, verdict.agree, style);
}

}  // namespace
}  // namespace digits_demo

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: digits_demo FOLDER (with digits.onnx and digits_heldout.npz)\n", stderr);
    return 2;
  }
  try {
    return digits_demo::run(argv[1]);
  } catch (const xpuruntime::XpuRuntimeError& error) {
    std::fprintf(stderr, "digits_demo: %s: %s\n", error.name(), error.what());
    return error.exit_code();
  }
}
