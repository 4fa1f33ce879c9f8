// SPDX-License-Identifier: Apache-2.0
#include "toolkit/memory_watch.h"

#include <malloc.h>

#include <algorithm>

namespace xpuruntime::toolkit {

MemoryWatch::MemoryWatch() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  before_ = process_memory();
  highest_ = before_.resident_bytes;
  for (const int child : child_processes()) children_before_.insert(child);
}

void MemoryWatch::look() {
  const ProcessMemory now = process_memory();
  const bool risen = now.peak_resident_bytes > before_.peak_resident_bytes;
  highest_ = std::max(highest_, risen ? now.peak_resident_bytes : now.resident_bytes);
  uint64_t of_children = 0;
  for (const int child : child_processes()) {
    if (!children_before_.contains(child)) of_children += process_memory(child).peak_resident_bytes;
  }
  highest_of_children_ = std::max(highest_of_children_, of_children);
}

uint64_t MemoryWatch::growth() const {
  return highest_ - before_.resident_bytes + highest_of_children_;
}

}  // namespace xpuruntime::toolkit
