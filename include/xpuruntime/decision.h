// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "xpuruntime/export.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What was measured to be the best way to run a model on this machine.
struct Decision {
  SessionConfig config{};        ///< engine, device, precision, threads and engine_options count
  std::string engine_version{};  ///< with another one it does not hold
  std::string evidence{};        ///< JSON: what was measured, for people
};

/// Stores a decision for sessions with engine "auto" that ask as `asked` does: for a model of the
/// same content, the same device, precision, shapes and threads, without engine_options and
/// kernel_policy, on this machine. It lies in the folder `decisions` of asked.cache_dir; a session
/// whose cache is off looks for none. Returns its file, which may be deleted. Throws
/// InvalidArgumentError (`asked` names an engine or options, or its cache is off),
/// ModelNotFoundError, UnavailableError (it cannot be written).
XPURT_API std::filesystem::path store_decision(const std::filesystem::path& model,
                                               const SessionConfig& asked,
                                               const Decision& decision);

}  // namespace xpuruntime
