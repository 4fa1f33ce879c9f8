// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <filesystem>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// What this machine and the torch that is open can use: GPUs first, then the CPU. Asks NVIDIA's
/// driver and leaves torch's CUDA libraries closed.
const std::vector<xpurt_device>& devices();

/// torch's name for a device, whose libraries are open from then on. Throws XPURT_UNAVAILABLE, with
/// the devices that are there.
at::Device use_device(xpurt_device device);

/// Where torch's libraries lie.
std::filesystem::path torch_library_folder();

/// The folder that this library lies in.
std::filesystem::path own_folder();

}  // namespace xpuruntime::torch_engine
