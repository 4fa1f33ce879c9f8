// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/result.h>

#include <string>
#include <utility>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::executorch_engine {

using Error = executorch::runtime::Error;

/// Takes what ExecuTorch logs: to our log, and the errors of each thread for its next Failure. Once
/// a process, before anything else of ExecuTorch's.
void take_log();

/// Forgets what this thread's last calls logged.
void clear_log() noexcept;

/// The failure that an error is, with the reasons that were logged on this thread. `otherwise`
/// where the error's number tells nothing.
engine::Failure failure_of(Error error, const std::string& where, xpurt_status otherwise);

/// Throws where it failed.
inline void check(Error error, const std::string& where, xpurt_status otherwise = XPURT_ENGINE) {
  if (error != Error::Ok) throw failure_of(error, where, otherwise);
}

/// What a call gave. Throws where it failed.
template <typename T>
T take(executorch::runtime::Result<T>&& result, const std::string& where,
       xpurt_status otherwise = XPURT_ENGINE) {
  check(result.error(), where, otherwise);
  return std::move(*result);
}

}  // namespace xpuruntime::executorch_engine
