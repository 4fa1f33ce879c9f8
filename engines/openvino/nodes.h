// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <openvino/runtime/infer_request.hpp>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// When a run began and ended, on the steady clock.
struct Span {
  std::chrono::nanoseconds begin{};
  std::chrono::nanoseconds end{};
};

/// Tells the host of the nodes that the request executed in its last run. The model was compiled
/// with ov::enable_profiling. OpenVINO's clock is not ours, so the first node is taken to begin
/// with the run. What it says of how long a node took is a mean of all runs (2026.4.1), so a node
/// lasts until the next one begins; where it does not say when nodes began, they have those means.
void tell_nodes(const engine::RunArgs& args, ov::InferRequest& request, Span run);

}  // namespace xpuruntime::openvino
