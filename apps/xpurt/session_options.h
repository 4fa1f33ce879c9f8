// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "input_options.h"
#include "tolerance_options.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime::xpurt {

/// What an option that may be repeated was given, each as NAME=VALUE or what `form` says. Throws
/// InvalidArgumentError for another form, and for a name that is given twice.
std::map<std::string, std::string> pairs_of(const std::string& option, const std::string& form,
                                            const std::vector<std::string>& given);

/// The options that say how a session is built.
struct SessionOptions {
  std::string config_file;
  std::string engine = "auto";
  std::string device = "auto";
  std::vector<std::string> fallback;
  int threads = 0;
  std::string precision;
  std::vector<std::string> shapes;
  std::vector<std::string> kernels;
  std::string cache_dir = "auto";
  std::vector<std::string> engine_options;
  bool isolated = false;
  std::string transport;
  std::string python;
  std::string model_factory;
  std::string gate;  ///< "": none
  ToleranceOptions tolerance;

  void add_to(CLI::App& command);
  /// `random`: what a gate's reference engine runs on. Throws InvalidArgumentError for an option
  /// that is not of its form or is given twice, and what toolkit::gate() throws.
  SessionConfig config(const RandomOptions& random) const;
  bool operator==(const SessionOptions&) const = default;

 private:
  SessionValidator make_gate(const RandomOptions& random) const;
};

}  // namespace xpuruntime::xpurt
