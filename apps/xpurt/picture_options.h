// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "output.h"
#include "toolkit/terminal.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::xpurt {

/// --preprocess: how pictures become inputs.
struct PreprocessOption {
  std::string preprocess;

  void add_to(CLI::App& command);
  /// Nothing where it is not given. Throws InvalidArgumentError: no preset, no such file,
  /// malformed.
  std::optional<toolkit::Preprocessing> preprocessing() const;
};

/// --top-k and --labels: what a classifier says.
struct TopOptions {
  size_t count = 0;  ///< 0: nothing is told
  std::string labels;

  void add_to(CLI::App& command);
};

/// A class of the first output, with its confidence.
struct NamedScore {
  int64_t row;
  int64_t index;
  double confidence;
  std::string label;  ///< "" where there is none
};

/// Throws InvalidArgumentError: the first output is no scores, labels cannot be read.
std::vector<NamedScore> top_scores(const TopOptions& options, const NamedTensors& outputs);

Json to_json(const std::vector<NamedScore>& scores);
std::string scores_text(const std::vector<NamedScore>& scores, const toolkit::Style& style);

}  // namespace xpuruntime::xpurt
