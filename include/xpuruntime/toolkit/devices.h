// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/device.h"
#include "xpuruntime/export.h"

namespace xpuruntime::toolkit {

/// What came of a small model that an engine ran on a device.
enum class DeviceTestResult : int32_t { kPassed = 0, kFailed = 1, kNotTested = 2 };

struct DeviceTest {
  std::string engine;
  DeviceTestResult result = DeviceTestResult::kNotTested;
  std::string reason{};  ///< why it failed, or was not tested
};

/// A device that an engine or NVIDIA's driver sees. What is not known is empty or 0.
struct DeviceFacts {
  Device device;
  std::string name;                   ///< of the product: "NVIDIA H100 80GB HBM3"
  std::string driver;                 ///< its version: "560.35.03"
  uint64_t memory_bytes = 0;          ///< that this process may have, the cgroup's limit counted in
  uint64_t free_bytes = 0;            ///< of these, now
  std::string compute_capability;     ///< of an NVIDIA GPU: "9.0"
  uint32_t cores = 0;                 ///< of the CPU, by this process's affinity
  std::optional<double> cpu_quota;    ///< cores, by the cgroup; none: no limit
  std::vector<std::string> features;  ///< of the CPU, of those that engines choose kernels by
  std::vector<DeviceTest> tests;      ///< one an engine that says that it can use the device

  /// An engine passed its test on it, and none failed.
  XPURT_API bool is_fit() const noexcept;
};

/// The devices of this machine: the CPU, then GPUs and others by type and index. Loads all engines,
/// and runs a product of matrices with each of them on each of its devices, where it loads ONNX
/// models: that takes seconds, and takes memory of the device meanwhile. NVIDIA's libraries are
/// opened at run time, if they are there.
XPURT_API std::vector<DeviceFacts> find_devices();

/// The GPU to take among several: of those that are fit, the one with the most free memory in
/// whole GiB, then of the highest compute capability, then the first. Null: none is fit.
XPURT_API const DeviceFacts* best_gpu(std::span<const DeviceFacts> devices);

}  // namespace xpuruntime::toolkit
