// SPDX-License-Identifier: Apache-2.0
#include "picture_options.h"

#include <fmt/core.h>

#include "text_file.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/top_classes.h"

namespace xpuruntime::xpurt {

void PreprocessOption::add_to(CLI::App& command) {
  command
      .add_option("--preprocess", preprocess,
                  "How pictures become inputs: imagenet, picture (as they are, 0..1), or a JSON "
                  "file; by default as the notes beside the model say")
      ->type_name("NAME|FILE.json");
}

std::optional<toolkit::Preprocessing> PreprocessOption::preprocessing() const {
  if (preprocess.empty()) return std::nullopt;
  if (!preprocess.ends_with(".json")) return toolkit::preprocessing_preset(preprocess);
  return toolkit::preprocessing_from_json(read_text_file("--preprocess", preprocess), preprocess);
}

void TopOptions::add_to(CLI::App& command) {
  auto* top = command
                  .add_option("--top-k", count,
                              "Show the best classes of the first output, with their confidence")
                  ->type_name("N")
                  ->check(CLI::Range(size_t{1}, size_t{1} << 20));
  command.add_option("--labels", labels, "Names of the classes, one a line")
      ->type_name("FILE")
      ->needs(top);
}

std::vector<NamedScore> top_scores(const TopOptions& options, const NamedTensors& outputs) {
  if (options.count == 0) return {};
  std::vector<std::string> labels;
  if (!options.labels.empty()) labels = toolkit::read_labels(options.labels);
  if (outputs.empty()) throw InvalidArgumentError("--top-k: the model has no output");
  std::vector<NamedScore> scores;
  const auto rows = toolkit::top_classes(outputs[0], options.count);
  for (size_t row = 0; row < rows.size(); ++row) {
    for (const auto& [index, confidence] : rows[row]) {
      const auto at = static_cast<size_t>(index);
      scores.push_back({static_cast<int64_t>(row), index, confidence,
                        at < labels.size() ? labels[at] : std::string()});
    }
  }
  return scores;
}

Json to_json(const std::vector<NamedScore>& scores) {
  Json json = Json::array();
  for (const NamedScore& score : scores) {
    json.push_back({{"row", score.row},
                    {"class", score.index},
                    {"label", score.label.empty() ? Json(nullptr) : Json(score.label)},
                    {"confidence", score.confidence}});
  }
  return json;
}

std::string scores_text(const std::vector<NamedScore>& scores, const toolkit::Style& style) {
  using toolkit::Align;
  toolkit::TextTable table({Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
  table.set_header({"row", "class", "confidence", "label"});
  for (const NamedScore& score : scores) {
    table.add_row({std::to_string(score.row), std::to_string(score.index),
                   fmt::format("{:.2f} %", score.confidence * 100),
                   score.label.empty() ? "-" : toolkit::printable(score.label)});
  }
  return table.text(toolkit::terminal_width(stdout), style);
}

}  // namespace xpuruntime::xpurt
