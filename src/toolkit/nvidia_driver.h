// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xpuruntime::toolkit {

struct NvidiaGpu {
  std::string name;
  uint64_t memory_bytes = 0;
  uint64_t free_bytes = 0;  ///< 0: not known
  std::string compute_capability;
};

/// What NVIDIA's driver says. GPUs are in the order of CUDA, as CUDA_VISIBLE_DEVICES has it.
struct NvidiaDriver {
  std::string version;  ///< "560.35.03"; "" where there is no management library
  std::vector<NvidiaGpu> gpus;
};

/// Names or paths of the driver's two libraries.
struct NvidiaLibraries {
  std::string cuda = "libcuda.so.1";
  std::string management = "libnvidia-ml.so.1";
};

/// Asks the driver through its C functions, in libraries that are opened now and stay; no context
/// is made on a GPU. Without a driver there are no GPUs.
NvidiaDriver nvidia_driver(const NvidiaLibraries& libraries = {});

}  // namespace xpuruntime::toolkit
