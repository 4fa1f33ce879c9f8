// SPDX-License-Identifier: Apache-2.0
#include "toolkit/convert_text.h"

#include <algorithm>
#include <system_error>

#include "toolkit/compare_words.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

std::string file_text(const std::filesystem::path& file) {
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(file, error);
  return file.string() + (error ? "" : ", " + format_bytes(bytes));
}

std::string exporter_text(const ConvertReport& report) {
  std::string tools;
  for (const auto& [name, version] : report.tools) {
    tools += (tools.empty() ? "" : ", ") + name + " " + version;
  }
  const std::string opset = report.opset ? "opset " + std::to_string(*report.opset) + ", " : "";
  return report.exporter + "; " + opset + report.precision + " (" + tools + ")";
}

std::string inputs_text(const ConvertRun& run) {
  std::string text;
  for (const TensorInfo& info : run.inputs) {
    text += (text.empty() ? "" : ", ") + info.name + " " + to_string(info);
  }
  return text;
}

std::string facts(const ConvertReport& report, size_t width) {
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"source", printable(report.source)});
  for (const auto& file : report.files) {
    table.add_row({file == report.files.front() ? "result" : "", printable(file_text(file))});
  }
  if (!report.notes.empty()) table.add_row({"notes", printable(report.notes.string())});
  table.add_row({"exporter", printable(exporter_text(report))});
  if (!report.engine.empty()) {
    table.add_row({"run on", printable(report.engine) + ", the source in Python"});
  }
  table.add_row({"tolerance", to_string(report.tolerance)});
  return table.text(width);
}

std::string runs(const ConvertReport& report, size_t width, const Style& style) {
  if (report.runs.empty()) return "";
  TextTable table({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
  table.set_header({"output", "verdict", "max abs", "cosine", "inputs"});
  std::string details;
  for (const ConvertRun& run : report.runs) {
    for (const OutputComparison& output : run.outputs) {
      const bool agrees = output.verdict == Verdict::kAgrees;
      const std::string verdict = to_string(output.verdict);
      const bool shown = has_errors(output) && output.agreement;
      const std::string cosine = shown ? cosine_text(*output.agreement) : "";
      table.add_row({printable(output.name), agrees ? style.green(verdict) : style.red(verdict),
                     shown ? error_text(output.agreement->max_absolute_error) : "-",
                     cosine.empty() ? "-" : cosine, printable(inputs_text(run))});
      if (!agrees) details += printable(output.name + ": " + disagreement_text(output)) + "\n";
    }
  }
  std::string text = "\n" + table.text(width, style);
  if (details.empty()) return text;
  text += "\n";
  for (const auto& line : wrap_words(details, width)) text += line + "\n";
  return text;
}

std::string verdict(const ConvertReport& report) {
  if (!report.failure.empty()) return "the result could not be run: " + report.failure;
  if (report.agrees()) return "the result agrees with the source";
  return std::string("the result does not agree with the source") +
         (report.files.empty() ? "; no file was kept (--keep keeps it)" : "");
}

}  // namespace

std::string styled_text(const ConvertReport& report, size_t width, const Style& style) {
  width = std::max<size_t>(width, 40);
  std::string text = facts(report, width) + runs(report, width, style) + "\n";
  for (const auto& line : wrap_words(printable(verdict(report)), width)) {
    text += (report.agrees() ? style.green(line) : style.red(line)) + "\n";
  }
  return text;
}

std::string to_text(const ConvertReport& report, size_t width) {
  return styled_text(report, width, Style());
}

}  // namespace xpuruntime::toolkit
