// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "xpuruntime/export.h"

namespace xpuruntime::toolkit {

/// The facts of a machine that explain a measurement. What cannot be read is empty or 0.
struct MachineFacts {
  std::string cpu_model;
  std::vector<std::string> cpu_features;  ///< of those that engines choose kernels by
  uint32_t cores_online = 0;
  uint32_t cores_allowed = 0;                  ///< by the affinity of this process
  std::optional<double> cpu_quota;             ///< cores, by the cgroup; none: no limit
  uint64_t memory_bytes = 0;                   ///< of the machine
  std::optional<uint64_t> memory_limit_bytes;  ///< by the cgroup; none: no limit
  std::string kernel;                          ///< "Linux 6.1.0"
  std::string governor;                        ///< of the first core's frequency
  std::vector<double> load_average;            ///< over 1, 5 and 15 minutes
};

/// Reads them now; `root` stands in for "/" in tests, for what is read from /proc and /sys.
XPURT_API MachineFacts machine_facts(const std::filesystem::path& root = "/");

}  // namespace xpuruntime::toolkit
