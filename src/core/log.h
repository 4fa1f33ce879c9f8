// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime {

enum class LogLevel {
  kDebug = XPURT_LOG_DEBUG,
  kInfo = XPURT_LOG_INFO,
  kWarning = XPURT_LOG_WARNING,
  kError = XPURT_LOG_ERROR,
  kOff = XPURT_LOG_OFF
};

/// The lowest level that is written: warnings, unless XPURT_LOG_LEVEL (trace, debug, info, warn,
/// error, off) says otherwise.
LogLevel log_level();

inline bool is_logged(LogLevel level) { return level >= log_level(); }

/// Writes a line to stderr, if its level is written.
void log(LogLevel level, std::string_view line);

}  // namespace xpuruntime
