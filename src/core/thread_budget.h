// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace xpuruntime {

/// Threads that this process may keep busy, at least 1: the CPUs of its affinity, no more than its
/// cgroup's quota (cgroup v2 cpu.max, rounded up), or XPURT_THREADS. Read once.
int32_t thread_budget();

/// CPUs that the cgroup of this process and those above it grant, the least of them; 0: no bound.
/// `root` stands in for "/" in tests.
int32_t cpus_of_cgroup(const std::filesystem::path& root = "/");

/// CPUs that a cpu.max line ("200000 100000", "max 100000") grants; 0: no bound.
int32_t cpus_of_quota(const std::string& line);

}  // namespace xpuruntime
