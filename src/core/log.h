// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

namespace xpuruntime {

/// Our log: to stderr, from warnings up unless XPURT_LOG_LEVEL (trace, debug, info, warn, error,
/// off) says otherwise. Lives as long as the process.
spdlog::logger& log();

}  // namespace xpuruntime
