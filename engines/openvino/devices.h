// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/runtime/core.hpp>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// The one ov::Core of the process, made on the first call and never destroyed: its threads may be
/// in it to the end. Thread-safe.
ov::Core& core();

/// A device by our name and by OpenVINO's.
struct NamedDevice {
  xpurt_device device;
  std::string name;  ///< "CPU", "GPU.1"
};

/// What OpenVINO finds on this machine, in the order of preference: GPUs, NPUs, CPU.
const std::vector<NamedDevice>& devices();

/// OpenVINO's name of a device. Throws XPURT_UNAVAILABLE, with those that are there.
const std::string& device_name(xpurt_device device);

/// The device that OpenVINO calls `name`; the one with index 0 of its type where none is.
xpurt_device device_named(const std::string& name);

/// "intel_gpu:0", as users write it.
std::string to_string(xpurt_device device);

}  // namespace xpuruntime::openvino
