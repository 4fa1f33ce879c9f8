// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

/// One of the two that differ.
struct BisectSide {
  std::string candidate;  ///< its name
  std::string engine;     ///< as a session takes it
  std::string device;
  std::filesystem::path model;
  int32_t threads = 0;
  NamedTensors inputs;
};

struct BisectOptions {
  Tolerance tolerance{};
  std::function<bool()> should_stop{};     ///< asked between runs
  std::function<void(double)> progress{};  ///< told the fraction done
};

/// Looks for the first node whose output differs, among the values that both graphs have by name.
/// First with all inner values shown, which is the answer where the outputs still differ then.
/// Where they do not, since showing values undoes an engine's fusions, by running smaller and
/// smaller parts of the candidate's model, each with one value as its only output. `outputs` is
/// what the comparison of the two was. What goes wrong is told in Bisection::text.
Bisection bisect(const BisectSide& reference, const BisectSide& candidate,
                 const std::vector<OutputComparison>& outputs, const BisectOptions& options);

}  // namespace xpuruntime::toolkit
