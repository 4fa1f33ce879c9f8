// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

/// An engine, a device and a model file that are to be compared.
struct Choice {
  std::string engine;  ///< as a session takes it: a name or the path of a plug-in
  std::string name;    ///< the engine's own name
  std::string device;  ///< as written; "auto" where it was not
  std::filesystem::path model;
  std::exception_ptr failure{};  ///< where the engine cannot be used at all
  bool is_reference = false;     ///< the options name it as that
};

struct EngineAndDevice {
  std::string engine;
  std::string device;  ///< "auto" where it is not written
};

/// "engine@device"; the path of a plug-in may hold an '@' too. `what` begins messages.
/// Throws InvalidArgumentError: one of the two is empty, the device is none.
EngineAndDevice parse_engine(const std::string& text, const char* what);

/// What the options ask for; what the others are to be held against comes first. Throws
/// ModelNotFoundError, InvalidArgumentError (no model, one given twice, an engine given twice, a
/// device that is none), UnsupportedOperationError (unknown engine, no engine loads such files).
std::vector<Choice> list_choices(std::span<const std::filesystem::path> models,
                                 const CompareOptions& options);

}  // namespace xpuruntime::toolkit
