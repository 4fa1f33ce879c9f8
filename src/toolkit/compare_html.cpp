// SPDX-License-Identifier: Apache-2.0
// The page of a comparison. All that comes from a model, a machine or an engine is escaped.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>

#include "toolkit/atomic_file.h"
#include "toolkit/compare_services.h"
#include "toolkit/compare_style.h"
#include "toolkit/compare_words.h"
#include "toolkit/html.h"
#include "toolkit/units.h"
#include "xpuruntime/toolkit/compare.h"
#include "xpuruntime/version.h"

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kBins = 80;
constexpr size_t kColours = 6;
constexpr double kLaneHeight = 44;  ///< pixels, of a distribution

struct Cell {
  std::string html;
  const char* label = "";
  const char* kind = "";  ///< class: "n" for figures, "wide" for what takes a line on a phone
};

/// A table whose rows are cards on a phone, each cell with its column's name before it.
class Table {
 public:
  explicit Table(std::vector<Cell> columns) : columns_(std::move(columns)) {}

  void add_row(const std::vector<std::string>& cells) {
    rows_ += "<tr>";
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool labelled = i > 0 && !cells[i].empty();
      rows_ += "<td class=\"" + std::string(columns_[i].kind) + "\"" +
               (labelled ? " data-label=\"" + std::string(columns_[i].label) + "\"" : "") + ">" +
               cells[i] + "</td>";
    }
    rows_ += "</tr>\n";
  }
  bool empty() const { return rows_.empty(); }
  std::string html() const {
    std::string head;
    for (const Cell& column : columns_) {
      head += "<th class=\"" + std::string(column.kind) + "\">" + column.label + "</th>";
    }
    return "<table><thead><tr>" + head + "</tr></thead><tbody>\n" + rows_ + "</tbody></table>\n";
  }

 private:
  std::vector<Cell> columns_;
  std::string rows_;
};

std::string section(const char* title, const std::string& body) {
  if (body.empty()) return "";
  return "<section><h2>" + std::string(title) + "</h2>\n" + body + "</section>\n";
}

std::string swatch(size_t colour) {
  return fmt::format("<span class=\"swatch\" style=\"background:var(--s{})\"></span>",
                     colour % kColours);
}

std::string seconds_label(double seconds) {
  // Ticks are round, so that no digit behind the point is worth its room.
  const std::string text = format_seconds(seconds);
  const size_t space = text.find(' ');
  std::string digits = text.substr(0, space);
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  return digits + text.substr(space);
}

std::string error_label(double error) { return fmt::format("{:.0e}", error); }

class Page {
 public:
  explicit Page(const CompareReport& report) : report_(report) {}

  std::string html() const {
    const std::string title = html_text(names());
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           // Nothing may be loaded, and no script may run.
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'\">\n<title>" +
           title + ": comparison of engines</title>\n<style>" + kCompareStyle +
           "</style></head><body>\n<header><h1>" + title + "</h1>\n" + verdict() + "</header>\n" +
           section("Native and Python", services()) +
           section("Speed", candidates() + latency_chart()) +
           section("Agreement", outputs() + error_charts()) +
           section("Where the numbers part", bisections()) + section("Not compared", missing()) +
           section("Warnings", warnings()) + section("How this was measured", facts()) +
           "</body></html>\n";
  }

 private:
  std::string names() const {
    std::string text;
    for (const auto& model : report_.models) {
      text += (text.empty() ? "" : ", ") + std::filesystem::path(model).filename().string();
    }
    return text;
  }

  std::string verdict() const {
    const char* const mood = report_.agrees() ? "good" : "bad";
    const std::string winner = winner_sentence(report_);
    const std::string recommendation = report_.recommendation();
    return fmt::format(
        "<div class=\"verdict {}\"><strong>{}</strong>{}{}{}</div>\n", mood,
        html_text(verdict_sentence(report_)),
        winner.empty() ? "" : "<p>" + html_text(winner) + "</p>",
        recommendation.empty() ? "" : "<p>Recommendation: " + html_text(recommendation) + ".</p>",
        report_.interrupted ? "<p>Interrupted: of the runs until then.</p>" : "");
  }

  std::string labelled(size_t i) const { return swatch(i) + html_text(report_.candidates[i].name); }

  std::string services() const {
    Table table({{"", kServiceHeader[0], ""},
                 {"", kServiceHeader[1], "wide"},
                 {"", kServiceHeader[2], ""},
                 {"", kServiceHeader[3], "n"},
                 {"", kServiceHeader[4], "n"},
                 {"", kServiceHeader[5], "n"},
                 {"", kServiceHeader[6], "n"}});
    for (auto row : service_rows(report_)) {
      row[1] = html_text(row[1]);
      table.add_row(row);
    }
    return table.empty() ? "" : table.html();
  }

  std::string candidates() const {
    Table table({{"", "candidate", "wide"},
                 {"", "p50", "n"},
                 {"", "p90", "n"},
                 {"", "p99", "n"},
                 {"", "CV", "n"},
                 {"", "runs/s", "n"},
                 {"", "load", "n"},
                 {"", "first run", "n"},
                 {"", "memory", "n"},
                 {"", "against the fastest", "short"}});
    for (size_t i = 0; i < report_.candidates.size(); ++i) {
      const Candidate& row = report_.candidates[i];
      if (!row.ran) continue;
      const Summary latency = row.latency.value_or(Summary{});
      const auto timed = [&](const std::string& text) { return row.latency ? text : "-"; };
      const std::string nodes = placement_text(row);
      const std::string version = row.engine_version + (nodes.empty() ? "" : "; nodes: " + nodes);
      table.add_row({labelled(i) + "<br><span class=\"dim\">" + html_text(version) + "</span>",
                     timed(format_seconds(latency.p50)), timed(format_seconds(latency.p90)),
                     timed(format_seconds(latency.p99)),
                     timed(format_percent(latency.coefficient_of_variation)),
                     timed(format_rate(row.runs_per_second)), load_text(row),
                     format_seconds(row.first_run_seconds), format_bytes(row.memory_bytes),
                     html_text(slower_text(report_, row))});
    }
    return table.empty() ? "" : table.html();
  }

  std::string latency_chart() const {
    double low = 0, high = 0;
    for (const Candidate& row : report_.candidates) {
      if (!row.latency || row.latency->min <= 0) continue;
      low = low == 0 ? row.latency->min : std::min(low, row.latency->min);
      high = std::max(high, row.latency->p99 * 1.1);
    }
    if (low == 0) return "";
    const Axis axis(low, high);
    std::string lanes;
    for (size_t i = 0; i < report_.candidates.size(); ++i) {
      if (report_.candidates[i].latency) lanes += lane(i, axis);
    }
    return "<h3>Latency of each run</h3>\n<div class=\"chart\">" + lanes + "</div>\n" +
           axis_html(axis, &seconds_label) +
           "<p class=\"dim\">How often a run took how long; each candidate by its own most "
           "frequent "
           "time. The line is p50, the dashed one p99. What took longer than the axis reaches is "
           "in "
           "its last bar.</p>\n";
  }

  std::string lane(size_t i, const Axis& axis) const {
    const Candidate& row = report_.candidates[i];
    const auto counts = histogram(axis, row.latencies, kBins);
    const size_t most = std::max<size_t>(1, *std::ranges::max_element(counts));
    std::string bars;
    for (size_t bin = 0; bin < kBins; ++bin) {
      if (counts[bin] == 0) continue;
      const double height = std::max(
          1.0, (kLaneHeight - 4) * static_cast<double>(counts[bin]) / static_cast<double>(most));
      bars += fmt::format("<rect x=\"{:.2f}%\" y=\"{:.1f}\" width=\"{:.2f}%\" height=\"{:.1f}\"/>",
                          100.0 * static_cast<double>(bin) / kBins, kLaneHeight - height,
                          100.0 / kBins, height);
    }
    const auto mark = [&](double seconds, const char* dashes) {
      return fmt::format(
          "<line x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"0\" y2=\"{1}\" "
          "stroke=\"currentColor\" stroke-width=\"1.5\"{2}/>",
          axis.at(seconds), kLaneHeight, dashes);
    };
    const std::string name = html_text(row.name);
    const std::string p50 = format_seconds(row.latency->p50);
    return "<div class=\"lane\"><span>" + labelled(i) + "</span><span class=\"dim\">p50 " + p50 +
           "</span></div>" +
           fmt::format(
               "<svg height=\"{}\" role=\"img\" aria-label=\"latencies of {}: p50 {}, p99 "
               "{}\"><g fill=\"var(--s{})\" fill-opacity=\".75\">{}</g>{}{}</svg>\n",
               kLaneHeight, name, p50, format_seconds(row.latency->p99), i % kColours, bars,
               mark(row.latency->p50, ""), mark(row.latency->p99, " stroke-dasharray=\"3 3\""));
  }

  std::string outputs() const {
    Table table({{"", "output", "wide"},
                 {"", "candidate", "wide"},
                 {"", "verdict", ""},
                 {"", "max abs", "n"},
                 {"", "mean abs", "n"},
                 {"", "max rel", "n"},
                 {"", "cosine", "n"},
                 {"", "top-1", "n"},
                 {"", "top-5", "n"}});
    std::string details;
    for (size_t i = 0; i < report_.candidates.size(); ++i) {
      for (const OutputComparison& output : report_.candidates[i].outputs) {
        const bool good = output.verdict == Verdict::kAgrees;
        std::vector<std::string> cells{
            html_text(output.name), labelled(i),
            fmt::format("<strong class=\"{}\">{}</strong>", good ? "good" : "bad",
                        to_string(output.verdict))};
        if (has_errors(output)) {
          const Agreement& agreement = *output.agreement;
          for (const auto& text :
               {error_text(agreement.max_absolute_error), error_text(agreement.mean_absolute_error),
                error_text(agreement.max_relative_error), cosine_text(agreement),
                argmax_text(agreement), top5_text(agreement)}) {
            cells.push_back(text);
          }
        }
        cells.resize(9);
        table.add_row(cells);
        if (good) continue;
        details += "<li>" + labelled(i) + ", output " + html_text(output.name) + ": " +
                   html_text(disagreement_text(output)) + "</li>\n";
      }
    }
    if (table.empty()) return "";
    return table.html() + (details.empty() ? "" : "<ul class=\"notes\">" + details + "</ul>\n");
  }

  /// Where errors lie on one axis for all outputs, so that they can be held against one another.
  std::string error_charts() const {
    double low = INFINITY, high = 0;
    const auto take = [&](double error) {
      if (error <= 0 || !std::isfinite(error)) return;
      low = std::min(low, error);
      high = std::max(high, error);
    };
    std::vector<std::string> names;
    for (const Candidate& row : report_.candidates) {
      for (const auto& output : row.outputs) {
        if (!has_errors(output)) continue;
        take(output.agreement->max_absolute_error);
        take(output.agreement->mean_absolute_error);
        if (std::ranges::find(names, output.name) == names.end()) names.push_back(output.name);
      }
    }
    if (high == 0) return "";
    take(report_.tolerance.absolute);
    // Errors of 0 stand at the left edge, apart from the smallest there is.
    const Axis axis = Axis::decades(low / 10, high);
    std::string charts;
    for (const auto& name : names) charts += error_chart(name, axis);
    return "<h3>Error of each output</h3>\n" + charts + axis_html(axis, &error_label) +
           "<p class=\"dim\">Absolute error: the dot is the largest, the ring the mean; an error "
           "of 0 "
           "stands at the left edge. The dashed line is the absolute tolerance.</p>\n";
  }

  std::string error_chart(const std::string& name, const Axis& axis) const {
    constexpr double kRow = 22;
    std::string marks, names;
    double y = kRow / 2;
    for (size_t i = 0; i < report_.candidates.size(); ++i) {
      for (const auto& output : report_.candidates[i].outputs) {
        if (output.name != name || !has_errors(output)) continue;
        const auto at = [&](double error) { return error > 0 ? axis.at(error) : 0.0; };
        const double most = at(output.agreement->max_absolute_error);
        const double mean = at(output.agreement->mean_absolute_error);
        marks += fmt::format(
            "<g stroke=\"var(--s{0})\" stroke-width=\"2\"><line x1=\"{1:.2f}%\" x2=\"{2:.2f}%\" "
            "y1=\"{3}\" y2=\"{3}\" stroke-opacity=\".4\"/><circle cx=\"{1:.2f}%\" cy=\"{3}\" "
            "r=\"4\" fill=\"var(--page)\"/><circle cx=\"{2:.2f}%\" cy=\"{3}\" r=\"4\" "
            "fill=\"var(--s{0})\"/></g>",
            i % kColours, mean, most, y);
        names += (names.empty() ? "" : " ") + labelled(i);
        y += kRow;
      }
    }
    const double height = y - kRow / 2;
    if (report_.tolerance.absolute > 0) {
      marks += fmt::format(
          "<line x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"0\" y2=\"{1}\" "
          "stroke=\"currentColor\" stroke-dasharray=\"3 3\"/>",
          axis.at(report_.tolerance.absolute), height);
    }
    return "<div class=\"chart\"><div class=\"lane\"><span>" + html_text(name) + "</span><span>" +
           names + "</span></div>" +
           fmt::format(
               "<svg height=\"{}\" role=\"img\" aria-label=\"errors of output {}\" "
               "overflow=\"visible\">{}</svg></div>\n",
               height, html_text(name), marks);
  }

  std::string bisections() const {
    std::string items;
    for (const Bisection& found : report_.bisections) {
      items += "<li>" + html_text(found.candidate + ": " + found.text) + "</li>\n";
    }
    return items.empty() ? "" : "<ul class=\"notes\">" + items + "</ul>\n";
  }

  std::string missing() const {
    std::string items;
    for (const Candidate& row : report_.candidates) {
      if (row.ran) continue;
      items += "<li>" + html_text(row.name) + ": <span class=\"dim\">" +
               html_text(row.error + ": " + row.reason) + "</span></li>\n";
    }
    return items.empty() ? "" : "<ul class=\"notes\">" + items + "</ul>\n";
  }

  std::string warnings() const {
    std::string items;
    for (const auto& warning : report_.warnings) items += "<li>" + html_text(warning) + "</li>\n";
    return items.empty() ? "" : "<ul class=\"notes\">" + items + "</ul>\n";
  }

  std::string facts() const {
    std::string rows;
    const auto add = [&](const char* what, const std::string& text) {
      if (!text.empty()) rows += fmt::format("<dt>{}</dt><dd>{}</dd>\n", what, html_text(text));
    };
    for (const auto& model : report_.models) add("model", model);
    add("inputs", inputs_text(report_.inputs, report_.input_source));
    add("reference", report_.reference);
    add("tolerance", to_string(report_.tolerance));
    add("timing", plan_text(report_));
    for (const Candidate& row : report_.candidates) {
      if (row.ran) add("threads", row.name + ": " + std::to_string(row.threads));
    }
    add("machine", machine_text(report_.machine));
    std::string features;
    for (const auto& each : report_.machine.cpu_features) features += each + " ";
    add("instructions", features);
    add("made by", std::string("xpuruntime ") + version());
    return "<dl>" + rows + "</dl>\n";
  }

  const CompareReport& report_;
};

}  // namespace

std::string to_html(const CompareReport& report) { return Page(report).html(); }

void write_html(const CompareReport& report, const std::filesystem::path& path) {
  const std::string page = to_html(report);
  write_file_atomically(path, {std::as_bytes(std::span(page))});
}

}  // namespace xpuruntime::toolkit
