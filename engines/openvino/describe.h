// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/runtime/compiled_model.hpp>
#include <string>
#include <vector>

#include "source.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// What a compiled model and the notes of its file say of it. Device, threads, flags and placement
/// are left to the caller.
engine::ModelSpec describe(const ov::CompiledModel& compiled,
                           const std::vector<std::string>& output_names, const ModelNotes& notes);

}  // namespace xpuruntime::openvino
