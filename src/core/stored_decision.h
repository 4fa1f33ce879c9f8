// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "load_request.h"
#include "xpuruntime/decision.h"

namespace xpuruntime {

/// A decision that was found for what a session asks.
struct StoredDecision {
  std::filesystem::path path;
  std::optional<SessionConfig> config;  ///< none: it cannot be used
  std::string reason;                   ///< why not
};

/// None: nothing was stored for this. Reads the model only where a decision is stored for one that
/// is as long. Never throws: what cannot be used says why.
std::optional<StoredDecision> find_decision(const ModelSource& source, const SessionConfig& asked);

}  // namespace xpuruntime
