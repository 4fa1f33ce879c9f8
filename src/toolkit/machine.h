// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "xpuruntime/toolkit/machine.h"

namespace xpuruntime::toolkit {

struct ProcessMemory {
  uint64_t resident_bytes = 0;
  uint64_t peak_resident_bytes = 0;
};

/// Of this process or another, as the kernel counts it (VmRSS, VmHWM); 0 where that cannot be read.
ProcessMemory process_memory(std::optional<int> process = std::nullopt);

/// Process ids of what this process started and has not ended; none where the kernel does not say.
std::vector<int> child_processes();

/// Bytes that this process could still take: of the machine's, and within its cgroup's limit; 0
/// where that cannot be read. `root` stands in for "/" in tests.
uint64_t free_memory(const std::filesystem::path& root = "/");

}  // namespace xpuruntime::toolkit
