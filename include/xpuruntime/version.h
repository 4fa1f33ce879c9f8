// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "xpuruntime/export.h"

namespace xpuruntime {

/// The version of the library that is loaded, "MAJOR.MINOR.PATCH".
XPURT_API const char* version() noexcept;

}  // namespace xpuruntime
