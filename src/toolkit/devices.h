// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "toolkit/nvidia_driver.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/toolkit/devices.h"
#include "xpuruntime/toolkit/machine.h"

namespace xpuruntime::toolkit {

/// What find_devices() makes of what it looked at. `test` runs a model.
struct Findings {
  std::vector<EngineStatus> engines;
  NvidiaDriver driver;
  MachineFacts machine;
  uint64_t free_memory_bytes = 0;
  std::function<DeviceTest(const EngineStatus& engine, Device device)> test;
};
std::vector<DeviceFacts> describe_devices(const Findings& findings);

/// Of this one, and of the engine's test on it; there is none where the engine does not use it.
DeviceFacts find_device(Device device, const EngineStatus& engine);

/// "passed", "failed", "not tested".
const char* word_of(DeviceTestResult result);

/// Runs a product of matrices whose result is known, where the engine loads ONNX models.
DeviceTest test_device(const EngineStatus& engine, Device device);

}  // namespace xpuruntime::toolkit
