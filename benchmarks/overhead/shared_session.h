// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

namespace xpuruntime::benchmarks {

/// The engine `onnxrt`, linked into this program, which lets the sessions that it makes be used by
/// hand: one OrtSession against itself, since two of one model differ in speed.
inline constexpr const char* kSharedEngine = "onnxrt_shared";
void register_shared_engine();

/// The OrtSession of the model loaded last. Lives as long as the InferenceSession.
OrtSession* shared_session();

}  // namespace xpuruntime::benchmarks
