// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace xpuruntime::torch_engine {

/// torch has one number of threads a process: the first model that was loaded fixes it. Throws
/// XPURT_INVALID_STATE where it is fixed at another. Thread-safe.
void check_threads(int32_t asked);

/// The same, and fixes it where it is not fixed yet. Returns it.
int32_t fix_threads(int32_t asked);

}  // namespace xpuruntime::torch_engine
