// SPDX-License-Identifier: Apache-2.0
/// For engines whose runtime has one number of threads a process (XPURT_TRAIT_PROCESS_THREADS).
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::engine {

/// The number that the first model fixed: later ones ask for the same or are refused. Thread-safe.
class ProcessThreads {
 public:
  explicit ProcessThreads(const char* runtime) : runtime_(runtime) {}

  /// Before a model is loaded: throws XPURT_INVALID_STATE where the number is fixed at another.
  void check(int32_t asked) {
    const std::lock_guard lock(mutex_);
    check_locked(std::max(asked, 1));
  }
  /// When it is loaded: the same, and fixes the number by `set(number)` where it is not fixed yet.
  template <typename Set>
  int32_t fix(int32_t asked, Set&& set) {
    asked = std::max(asked, 1);
    const std::lock_guard lock(mutex_);
    check_locked(asked);
    if (fixed_ == 0) set(asked);
    return fixed_ = asked;
  }

 private:
  void check_locked(int32_t asked) const {
    if (fixed_ == 0 || fixed_ == asked) return;
    throw Failure(XPURT_INVALID_STATE,
                  std::string(runtime_) +
                      " has one number of threads a process: the first session fixed it at " +
                      std::to_string(fixed_) + ", and this one asks for " + std::to_string(asked) +
                      "; leave threads out, or run this session in another process");
  }

  const char* runtime_;
  std::mutex mutex_;
  int32_t fixed_ = 0;
};

}  // namespace xpuruntime::engine
