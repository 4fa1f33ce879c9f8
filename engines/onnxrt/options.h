// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "handle.h"
#include "providers.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// The options that this engine publishes.
std::vector<engine::OptionSpec> option_specs();

/// A session's options from what a load was asked. Throws for a value or key that is not known.
SessionOptions make_session_options(const engine::LoadArgs& args,
                                    const std::vector<const Provider*>& providers);

/// Entries of each run's configuration: the options `run.*`.
std::vector<std::pair<std::string, std::string>> run_config(const engine::LoadArgs& args);

}  // namespace xpuruntime::onnxrt
