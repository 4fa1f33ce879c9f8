// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xpuruntime/named_tensors.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/toolkit/agreement.h"

namespace xpuruntime::cases {

struct ExpectedError {
  std::string error_class;
  std::vector<std::string> fragments;  ///< of the message
};

/// One case of a file, as README.md describes them.
struct Case {
  std::string file;  ///< without folder and extension
  std::string name;
  std::string model;
  NamedTensors inputs;
  SessionConfig session;
  bool names_engine = false;
  std::vector<std::string> engines;  ///< empty: all
  NamedTensors outputs;
  toolkit::Tolerance tolerance;
  std::string ran_engine;  ///< "" where it does not matter
  std::string ran_device;
  std::optional<ExpectedError> error;
  std::string skip_with_device;
};

/// All cases of the .json files of a folder, in order. Throws when one is malformed or has a key
/// that is not known.
std::vector<Case> read_cases(const std::string& folder);

}  // namespace xpuruntime::cases
