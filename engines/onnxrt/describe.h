// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// What a session says of its model: inputs and outputs, metadata, producer, placement. Device and
/// threads are left to the caller.
engine::ModelSpec describe(const OrtSession* session);

}  // namespace xpuruntime::onnxrt
