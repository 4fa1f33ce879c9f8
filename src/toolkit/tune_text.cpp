// SPDX-License-Identifier: Apache-2.0
#include "toolkit/tune_text.h"

#include <fmt/format.h>

#include "toolkit/compare_words.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

std::string facts(const TuneReport& report, size_t width) {
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"model", printable(report.model)});
  table.add_row({"inputs", printable(inputs_text(report.inputs, report.input_source))});
  table.add_row({"reference", printable(report.reference)});
  table.add_row({"tolerance", to_string(report.tolerance)});
  table.add_row({"machine", printable(machine_text(report.machine))});
  return table.text(width);
}

/// What became of a trial, in a few words.
std::string outcome_text(const Trial& trial) {
  if (trial.against_leader) {
    return fmt::format("{}, {:.2f} times its p50", to_string(trial.outcome), *trial.against_leader);
  }
  return trial.reason.empty() ? to_string(trial.outcome)
                              : std::string(to_string(trial.outcome)) + ": " + trial.reason;
}

std::string trials(const TuneReport& report, size_t width, const Style& style) {
  TextTable table({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
  table.set_header({"tried", "p50", "load", "against the fastest before"});
  for (const Trial& trial : report.trials) {
    const bool ran = trial.p50.has_value();
    table.add_row({printable(trial.name), ran ? format_seconds(*trial.p50) : "-",
                   ran ? format_seconds(trial.load_seconds) : "-", printable(outcome_text(trial))});
  }
  return table.text(width, style);
}

std::string finalists(const TuneReport& report, size_t width, const Style& style) {
  if (report.finalists.empty()) return "";
  TextTable table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight});
  table.set_header({"measured again, in turns", "p50", "p99", "CV", "gain"});
  for (const Finalist& each : report.finalists) {
    table.add_row(
        {printable(each.name), format_seconds(each.latency.p50), format_seconds(each.latency.p99),
         format_percent(each.latency.coefficient_of_variation), fmt::format("{:.2f}", each.gain)});
  }
  return "\n" + table.text(width, style);
}

std::string verdict(const TuneReport& report) {
  if (report.interrupted) return "interrupted: nothing was decided";
  if (report.winner.empty()) return "nothing passed the gate of " + report.reference;
  const Finalist* winner = nullptr;
  for (const Finalist& each : report.finalists) {
    if (each.name == report.winner) winner = &each;
  }
  std::string text =
      fmt::format("{} is the fastest: p50 {}, {:.2f} times as fast as the default",
                  printable(report.winner), format_seconds(winner->latency.p50), winner->gain);
  for (const auto& path : report.decisions) {
    text += "\nengine auto goes by " + printable(path.string());
  }
  if (!report.best.shapes.empty()) {
    text += "\nthe fastest takes these shapes alone: sessions promise them (shapes, --fixed-shape)";
  }
  return text;
}

}  // namespace

std::string styled_text(const TuneReport& report, size_t width, const Style& style) {
  std::string text = facts(report, width) + "\n" + trials(report, width, style) +
                     finalists(report, width, style) + "\n";
  for (const std::string& line : wrap_words(verdict(report), width)) text += line + "\n";
  return text;
}

std::string to_text(const TuneReport& report, size_t width) {
  return styled_text(report, width, Style());
}

}  // namespace xpuruntime::toolkit
