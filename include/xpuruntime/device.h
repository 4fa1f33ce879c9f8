// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xpuruntime/export.h"

namespace xpuruntime {

enum class DeviceType : int32_t { kCpu = 0, kCuda = 1, kIntelGpu = 2, kIntelNpu = 3 };

/// Where tensors live and models run. A value.
struct XPURT_API Device {
  DeviceType type = DeviceType::kCpu;
  int32_t index = 0;

  /// Reads "cpu", "cuda:1", "intel_gpu", "intel_npu:0"; a missing index is 0.
  /// Throws InvalidArgumentError. The aliases "auto", "gpu" and "npu" are a session's to resolve.
  static Device parse(std::string_view text);

  bool operator==(const Device&) const = default;
};

/// "cpu", "cuda:0", "intel_gpu:0", "intel_npu:0".
XPURT_API std::string to_string(Device device);

}  // namespace xpuruntime
