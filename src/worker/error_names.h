// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace xpuruntime::worker {

/// "EngineError" for 14: the class of the error table; "InternalError" for a code that it has not.
std::string_view error_class_of(int32_t code);
/// The code that crosses the engine seam; that of EngineError for a class that is not in the table.
int32_t error_code_of(std::string_view error_class);

}  // namespace xpuruntime::worker
