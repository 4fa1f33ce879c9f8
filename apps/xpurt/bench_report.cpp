// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "bench.h"
#include "session_text.h"
#include "toolkit/compare_words.h"
#include "toolkit/report_json.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;

constexpr size_t kColumnWidth = 12;

Json growth_json(const toolkit::MemoryGrowth& growth) {
  return {{"runs", growth.runs},
          {"bytes_per_run", growth.bytes_per_run},
          {"growth_bytes", growth.growth_bytes},
          {"grows", growth.grows}};
}

Json row_json(const BenchRow& row, std::span<const TensorInfo> infos) {
  Json shapes = Json::object();
  for (size_t i = 0; i < infos.size(); ++i) shapes[infos[i].name] = to_json(row.shapes[i]);
  const auto measured = [&](auto&& value) { return row.latency ? Json(value) : Json(nullptr); };
  return {{"batch", row.batch ? Json(*row.batch) : Json(nullptr)},
          {"shapes", shapes},
          {"runs", row.result.latencies.size()},
          {"seconds", row.result.seconds},
          {"latency_seconds", row.latency ? toolkit::latency_json(*row.latency) : Json(nullptr)},
          {"coefficient_of_variation",
           measured(row.latency.value_or(toolkit::Summary{}).coefficient_of_variation)},
          {"items_per_second", measured(row.items_per_second())},
          {"bytes_copied_per_run", row.bytes_copied},
          {"resident_bytes", row.result.resident_bytes},
          {"peak_resident_bytes", row.result.peak_resident_bytes},
          {"memory_growth", row.growth ? growth_json(*row.growth) : Json(nullptr)},
          {"interrupted", row.result.interrupted}};
}

std::string plan_text(const BenchArguments& arguments) {
  const std::string amount = arguments.iterations > 0
                                 ? toolkit::format_count(arguments.iterations) + " runs"
                                 : fmt::format("{:g} s", arguments.seconds);
  return fmt::format("{} after {} to warm up, {}", amount, arguments.warm_up,
                     arguments.mode == "bound" ? "memory bound once (--mode bound)"
                                               : "new outputs each run (--mode run)");
}

std::string facts_text(const BenchArguments& arguments, const BenchReport& report) {
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"model", printable(report.session.model)});
  table.add_row({"engine", session_line(report.session)});
  if (!report.session.failed_choices.empty()) {
    table.add_row({"", printable(failed_choices_text(report.session))});
  }
  add_validators(table, report.session);
  table.add_row({"machine", printable(toolkit::machine_text(report.machine))});
  table.add_row({"runs", plan_text(arguments)});
  return table.text(toolkit::terminal_width(stdout));
}

struct Line {
  const char* name;
  std::function<std::string(const BenchRow&, const toolkit::Summary&)> text;
};

const std::vector<Line>& lines() {
  using toolkit::format_seconds;
  using toolkit::Summary;
  static const std::vector<Line> all{
      {"mean", [](const auto&, const Summary& s) { return format_seconds(s.mean); }},
      {"p50", [](const auto&, const Summary& s) { return format_seconds(s.p50); }},
      {"p90", [](const auto&, const Summary& s) { return format_seconds(s.p90); }},
      {"p99", [](const auto&, const Summary& s) { return format_seconds(s.p99); }},
      {"p99.9", [](const auto&, const Summary& s) { return format_seconds(s.p999); }},
      {"min", [](const auto&, const Summary& s) { return format_seconds(s.min); }},
      {"max", [](const auto&, const Summary& s) { return format_seconds(s.max); }},
      {"variation",
       [](const auto&, const Summary& s) {
         return toolkit::format_percent(s.coefficient_of_variation);
       }},
      {"items/s", [](const BenchRow& row,
                     const auto&) { return toolkit::format_rate(row.items_per_second()); }},
      {"runs", [](const auto&, const Summary& s) { return toolkit::format_count(s.count); }},
      {"copied/run",
       [](const BenchRow& row, const auto&) { return toolkit::format_bytes(row.bytes_copied); }},
      {"RSS", [](const BenchRow& row,
                 const auto&) { return toolkit::format_bytes(row.result.resident_bytes); }},
  };
  return all;
}

struct GrowthLine {
  const char* name;
  std::string (*text)(const toolkit::MemoryGrowth&);
};

/// The last says it in a word.
constexpr GrowthLine kGrowthLines[] = {
    {"grown/run",
     [](const toolkit::MemoryGrowth& growth) {
       return fmt::format("{:.1f} B", growth.bytes_per_run);
     }},
    {"grown",
     [](const toolkit::MemoryGrowth& growth) {
       return fmt::format("{} KiB", growth.growth_bytes / 1024);
     }},
    {"memory",
     [](const toolkit::MemoryGrowth& growth) {
       return std::string(growth.grows ? "grows" : "level");
     }},
};

std::string block_text(std::span<const BenchRow> rows, const Style& style) {
  std::vector<Align> columns{Align::kLeft};
  std::vector<std::string> header{""};
  for (const auto& row : rows) {
    columns.push_back(Align::kRight);
    header.push_back(row.batch ? "batch " + std::to_string(*row.batch) : "no batch");
  }
  TextTable table(columns);
  table.set_header(header);
  for (const auto& line : lines()) {
    std::vector<std::string> cells{line.name};
    for (const auto& row : rows) {
      cells.push_back(row.latency ? line.text(row, *row.latency) : "-");
    }
    table.add_row(cells);
  }
  for (const auto& line : kGrowthLines) {
    if (std::ranges::none_of(rows, [](const BenchRow& row) { return row.growth.has_value(); }))
      break;
    std::vector<std::string> cells{line.name};
    for (const auto& row : rows) cells.push_back(row.growth ? line.text(*row.growth) : "-");
    table.add_row(cells);
  }
  return table.text(toolkit::terminal_width(stdout), style);
}

}  // namespace

std::string bench_text(const BenchArguments& arguments, const BenchReport& report) {
  const Style style = Style::of(stdout);
  std::string text = facts_text(arguments, report);
  // A batch is a column; as many stand side by side as the terminal takes.
  const size_t fitting = (toolkit::terminal_width(stdout) - kColumnWidth) / kColumnWidth;
  const std::span<const BenchRow> rows(report.rows);
  for (size_t begin = 0; begin < rows.size(); begin += fitting) {
    text += "\n" + block_text(rows.subspan(begin, std::min(fitting, rows.size() - begin)), style);
  }
  return text;
}

Json bench_json(const BenchArguments& arguments, const BenchReport& report) {
  Json inputs = Json::array(), rows = Json::array();
  for (const auto& info : report.inputs) inputs.push_back(to_json(info));
  for (const auto& row : report.rows) rows.push_back(row_json(row, report.inputs));
  return {{"session", to_json(report.session)},
          {"machine", toolkit::machine_json(report.machine)},
          {"mode", arguments.mode},
          {"warm_up", arguments.warm_up},
          {"seed", arguments.random.seed},
          {"inputs", inputs},
          {"results", rows},
          {"warnings", report.warnings},
          {"interrupted", report.interrupted}};
}

}  // namespace xpuruntime::xpurt
