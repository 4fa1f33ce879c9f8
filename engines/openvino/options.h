// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/core/any.hpp>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// The options that this engine publishes.
std::vector<engine::OptionSpec> option_specs();

/// What OpenVINO is to compile for: the session's device, or what the option `device_name` says.
/// Throws XPURT_UNAVAILABLE for a device that is not there.
std::string compile_target(const engine::LoadArgs& args);

/// The properties of a compiled model on `target`. Throws XPURT_UNSUPPORTED_OPERATION for an option
/// `ov.*` that the target does not have, with the nearest that it has.
ov::AnyMap compile_properties(const engine::LoadArgs& args, const std::string& target);

}  // namespace xpuruntime::openvino
