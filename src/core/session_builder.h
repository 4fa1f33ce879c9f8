// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "loaded_model.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

struct BuiltModel {
  std::shared_ptr<LoadedModel> model;
  SessionReport report;
};

/// Makes what a model needs to run; when it throws, that model's choice has failed.
using MakeReady = std::function<void(const std::shared_ptr<LoadedModel>& model)>;

/// Builds the engine and device asked for, or the first of the caller's fallback list that can be;
/// nothing else. Throws what the only choice failed with; when all of several failed, one error
/// that gives each one's reason.
BuiltModel build_model(const ModelSource& source, const SessionConfig& config,
                       const MakeReady& make_ready);

}  // namespace xpuruntime
