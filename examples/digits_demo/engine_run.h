// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "digits.h"
#include "toolkit/statistics.h"
#include "xpuruntime/report.h"

namespace digits_demo {

/// What one engine made of all scans, and how fast.
struct EngineRun {
  xpuruntime::SessionReport session;
  xpuruntime::Tensor logits;  ///< float32 [N, 10]
  std::vector<Reading> readings;
  size_t right = 0;
  xpuruntime::toolkit::Summary one_latency;  ///< seconds, one scan a run
  xpuruntime::toolkit::Summary all_latency;  ///< seconds, all scans in one run
};

/// Names of the engines that load ONNX models and can be used now, `reference` first.
std::vector<std::string> usable_engines();

EngineRun run_engine(const std::string& engine, const std::filesystem::path& model,
                     const Digits& digits);

}  // namespace digits_demo
