// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "xpuruntime/io_binding.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {

/// A binding of `inputs`, and of outputs to memory like that of `outputs`, which a run gave: runs
/// with it neither copy nor allocate. Strings are left to the engine.
IOBinding bind_run(const InferenceSession& session, const NamedTensors& inputs,
                   const NamedTensors& outputs);

}  // namespace xpuruntime::toolkit
