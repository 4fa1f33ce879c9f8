// SPDX-License-Identifier: Apache-2.0
#include "toolkit/compare_text.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "toolkit/compare_services.h"
#include "toolkit/compare_words.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

using Cells = std::vector<std::string>;

size_t widest_line(const std::string& text) {
  size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(widest, display_width(line));
  }
  return widest;
}

class Writer {
 public:
  Writer(const CompareReport& report, size_t width, const Style& style)
      : report_(report), width_(width), style_(style) {}

  std::string text() const {
    std::string text = facts();
    add(text, latencies());
    add(text, costs());
    add(text, services());
    add(text, outputs());
    add(text, remarks());
    add(text, verdict());
    return text;
  }

 private:
  static void add(std::string& text, const std::string& part) {
    if (!part.empty()) text += "\n" + part;
  }

  std::string facts() const {
    TextTable table({Align::kLeft, Align::kLeft});
    for (size_t i = 0; i < report_.models.size(); ++i) {
      table.add_row({i == 0 ? "model" : "", printable(report_.models[i])});
    }
    table.add_row({"inputs", printable(inputs_text(report_.inputs, report_.input_source))});
    table.add_row({"reference", report_.reference.empty() ? "-" : printable(report_.reference)});
    table.add_row({"tolerance", to_string(report_.tolerance)});
    table.add_row({"timing", plan_text(report_)});
    table.add_row({"machine", printable(machine_text(report_.machine))});
    return table.text(width_);
  }

  /// A table of as many columns, from the left, as the width takes; at least `least`.
  std::string fitted(const std::vector<Align>& columns, const Cells& header,
                     const std::vector<Cells>& rows, size_t least) const {
    if (rows.empty()) return "";
    for (size_t count = columns.size();; --count) {
      const auto first = [&](const Cells& cells) {
        return Cells(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(count));
      };
      TextTable table({columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(count)});
      table.set_header(first(header));
      for (const Cells& row : rows) table.add_row(first(row));
      std::string text = table.text(width_, style_);
      if (count == least || widest_line(text) <= width_) return text;
    }
  }

  std::string latencies() const {
    std::vector<Cells> rows;
    for (const Candidate& row : report_.candidates) {
      if (!row.latency) continue;
      const Summary& latency = *row.latency;
      rows.push_back({printable(row.name), format_seconds(latency.p50), format_seconds(latency.p90),
                      format_seconds(latency.p99), format_percent(latency.coefficient_of_variation),
                      slower_text(report_, row)});
    }
    return fitted(
        {Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft},
        {"candidate", "p50", "p90", "p99", "CV", "vs fastest"}, rows, 5);
  }

  std::string costs() const {
    std::vector<Cells> rows;
    for (const Candidate& row : report_.candidates) {
      if (!row.ran) continue;
      rows.push_back({printable(row.name), row.latency ? format_rate(row.runs_per_second) : "-",
                      load_text(row), format_seconds(row.first_run_seconds),
                      format_bytes(row.memory_bytes), printable(row.engine_version)});
    }
    return fitted(
        {Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft},
        {"candidate", "runs/s", "load", "first run", "memory", "version"}, rows, 5);
  }

  std::string services() const {
    std::vector<Cells> rows = service_rows(report_);
    for (Cells& row : rows) row[1] = printable(row[1]);
    return fitted({Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight,
                   Align::kRight, Align::kRight},
                  {kServiceHeader.begin(), kServiceHeader.end()}, rows, kServiceHeader.size());
  }

  std::string coloured(Verdict verdict) const {
    const std::string text = to_string(verdict);
    return verdict == Verdict::kAgrees ? style_.green(text) : style_.red(text);
  }

  Cells output_row(const Candidate& row, const OutputComparison& output) const {
    const Agreement none;
    const Agreement& agreement = output.agreement ? *output.agreement : none;
    const auto figure = [&](const std::string& text) {
      return has_errors(output) && !text.empty() ? text : "-";
    };
    return {printable(output.name),
            printable(row.name),
            coloured(output.verdict),
            figure(error_text(agreement.max_absolute_error)),
            figure(error_text(agreement.max_relative_error)),
            figure(argmax_text(agreement)),
            figure(cosine_text(agreement)),
            figure(top5_text(agreement))};
  }

  std::string outputs() const {
    std::vector<Cells> rows;
    std::string details;
    for (const Candidate& row : report_.candidates) {
      for (const OutputComparison& output : row.outputs) {
        rows.push_back(output_row(row, output));
        if (output.verdict == Verdict::kAgrees) continue;
        details += paragraph(printable(row.name + ", " + output.name) + ": " +
                             printable(disagreement_text(output)));
      }
    }
    const std::string table =
        fitted({Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight,
                Align::kRight, Align::kRight, Align::kRight},
               {"output", "candidate", "verdict", "max abs", "max rel", "top-1", "cosine", "top-5"},
               rows, 4);
    return table + (details.empty() ? "" : "\n" + details);
  }

  std::string remarks() const {
    std::string text;
    for (const Candidate& row : report_.candidates) {
      if (row.ran) continue;
      text += paragraph("not run: " + printable(row.name) + ": " + row.error + ": " +
                        printable(row.reason));
    }
    for (const Bisection& found : report_.bisections) {
      text += paragraph("bisect, " + printable(found.candidate) + ": " + printable(found.text));
    }
    return text;
  }

  std::string verdict() const {
    const std::string sentence = printable(verdict_sentence(report_));
    std::string text = wrapped(sentence, report_.agrees() ? &Style::green : &Style::red);
    const std::string winner = winner_sentence(report_);
    if (!winner.empty()) text += paragraph(printable(winner));
    const std::string recommendation = report_.recommendation();
    if (!recommendation.empty()) text += paragraph(printable("recommendation: " + recommendation));
    return text;
  }

  std::string wrapped(const std::string& text,
                      std::string (Style::*colour)(const std::string&) const) const {
    std::string lines;
    for (const auto& line : wrap_words(text, width_)) lines += (style_.*colour)(line) + "\n";
    return lines;
  }
  std::string paragraph(const std::string& text) const {
    std::string lines;
    for (const auto& line : wrap_words(text, width_ - 2)) {
      lines += (lines.empty() ? "" : "  ") + line + "\n";
    }
    return lines;
  }

  const CompareReport& report_;
  const size_t width_;
  const Style& style_;
};

}  // namespace

std::string styled_text(const CompareReport& report, size_t width, const Style& style) {
  return Writer(report, std::max<size_t>(width, 40), style).text();
}

std::string to_text(const CompareReport& report, size_t width) {
  return styled_text(report, width, Style());
}

}  // namespace xpuruntime::toolkit
