// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "loaded_model.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What becomes of a model that an engine has loaded.
struct BuildSteps {
  /// Makes what it needs to run, as a part of the load; when it throws, the choice has failed.
  std::function<void(const std::shared_ptr<LoadedModel>& model)> make_ready;
  /// Takes it. When it throws AgreementError, the choice has failed; what else it throws goes
  /// through.
  std::function<void(SessionReport report)> accept;
};

/// Builds the engine and device asked for, or the first of the caller's fallback list that can be;
/// nothing else. When it returns, the last accept() has returned. Throws what the only choice
/// failed with; when all of several failed, one error that gives each one's reason.
void build_model(const ModelSource& source, const SessionConfig& config, const BuildSteps& steps);

}  // namespace xpuruntime
