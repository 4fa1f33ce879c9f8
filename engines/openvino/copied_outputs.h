// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/runtime/compiled_model.hpp>
#include <vector>

namespace xpuruntime::openvino {

/// One an output: must it be copied out of the request after the run? Those that are an input or
/// another output have one tensor with it, so that setting the one sets the other; and OpenVINO
/// (2026.4.1) does not write into memory that was set what its optimizations have made an input.
/// `graph` is the one that runs; null where the device does not tell.
std::vector<bool> copied_outputs(const ov::CompiledModel& compiled, const ov::Model* graph);

}  // namespace xpuruntime::openvino
