// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "xpuruntime/session_config.h"

namespace xpuruntime::xpurt {

/// The options that say how a session is built.
struct SessionOptions {
  std::string engine = "auto";
  std::string device = "auto";
  std::vector<std::string> fallback;
  int threads = 0;
  std::string precision;
  std::vector<std::string> kernels;
  std::string cache_dir = "auto";
  std::vector<std::string> engine_options;

  void add_to(CLI::App& command);
  /// Throws InvalidArgumentError for an option that is not of its form, or is given twice.
  SessionConfig config() const;
};

}  // namespace xpuruntime::xpurt
