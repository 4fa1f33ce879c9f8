// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/version.h"

namespace xpuruntime {

const char* version() noexcept { return XPURT_VERSION; }

}  // namespace xpuruntime
