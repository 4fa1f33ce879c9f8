// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.h"
#include "source.h"

namespace xpuruntime::torch_engine {

/// What torch._inductor.aoti_compile_and_package wrote: native code for one device and instruction
/// set. Throws XPURT_UNAVAILABLE where this machine has another.
LoadedModel load_aot_package(const Source& source);

}  // namespace xpuruntime::torch_engine
