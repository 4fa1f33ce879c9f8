// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace xpuruntime::executorch_engine {

/// Opens the library of a backend that a program was made for, which registers itself. Throws
/// XPURT_UNSUPPORTED_OPERATION for one that is not in ExecuTorch's package.
void open_backend(const std::string& name);

/// Opens the kernels of quantized operators; false: there are none.
bool open_quantized_kernels();

/// ExecuTorch's pool has one number of threads a process. What engine::ProcessThreads does of it.
void check_threads(int32_t asked);
int32_t fix_threads(int32_t asked);

}  // namespace xpuruntime::executorch_engine
