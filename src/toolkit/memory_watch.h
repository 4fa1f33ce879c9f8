// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "toolkit/machine.h"

namespace xpuruntime::toolkit {

/// How much resident memory grows from now on: of this process, and of child processes that it
/// starts from now on (workers). Gives unused memory of the heap back
/// to the system first, so that what follows is not served from there unseen.
class MemoryWatch {
 public:
  MemoryWatch();
  void look();  ///< where memory may be at its highest
  /// The growth at the highest: what the kernel has seen, where that was the highest of the
  /// process's life, else the highest that look() has seen.
  /// Of children that is the sum of each one's highest.
  uint64_t growth() const;

 private:
  ProcessMemory before_;
  std::set<int> children_before_;
  uint64_t highest_;
  uint64_t highest_of_children_ = 0;
};

}  // namespace xpuruntime::toolkit
