// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.h"
#include "source.h"

namespace xpuruntime::torch_engine {

/// What torch.jit.save wrote. Throws XPURT_UNSUPPORTED_OPERATION where forward() takes what is no
/// tensor and has no default, or where the number of its outputs is not known before a run.
LoadedModel load_torchscript(const Source& source);

}  // namespace xpuruntime::torch_engine
