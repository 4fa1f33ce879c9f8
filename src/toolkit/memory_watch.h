// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "toolkit/machine.h"

namespace xpuruntime::toolkit {

/// How much the process's resident memory grows from now on. Gives unused memory of the heap back
/// to the system first, so that what follows is not served from there unseen.
class MemoryWatch {
 public:
  MemoryWatch();
  void look();  ///< where memory may be at its highest
  /// The growth at the highest: what the kernel has seen, where that was the highest of the
  /// process's life, else the highest that look() has seen.
  uint64_t growth() const;

 private:
  ProcessMemory before_;
  uint64_t highest_;
};

}  // namespace xpuruntime::toolkit
