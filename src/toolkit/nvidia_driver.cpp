// SPDX-License-Identifier: Apache-2.0
// The functions of the CUDA driver API (cuda.h) and of NVML (nvml.h) that are called here, by the
// types of their C declarations: neither header is needed to build.
#include "toolkit/nvidia_driver.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>

namespace xpuruntime::toolkit {
namespace {

constexpr int kSuccess = 0;                  // CUDA_SUCCESS, NVML_SUCCESS
constexpr int kComputeCapabilityMajor = 75;  // CUdevice_attribute
constexpr int kComputeCapabilityMinor = 76;

/// A library that stays open; its functions fail where it, or they, are not there.
class Library {
 public:
  explicit Library(const std::string& name)
      : handle_(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {}

  template <typename... Arguments>
  bool call(const char* function, Arguments... arguments) const {
    if (handle_ == nullptr) return false;
    void* const symbol = dlsym(handle_, function);
    return symbol != nullptr &&
           reinterpret_cast<int (*)(Arguments...)>(symbol)(arguments...) == kSuccess;
  }

 private:
  void* handle_;
};

using Text = std::array<char, 128>;

/// NVML's nvmlMemory_t.
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

/// By the bus, since the two libraries count GPUs in different orders.
uint64_t free_bytes(const Library& management, const Text& bus) {
  void* device = nullptr;
  Memory memory{};
  const bool is_known = management.call<const char*, void**>("nvmlDeviceGetHandleByPciBusId_v2",
                                                             bus.data(), &device) &&
                        management.call<void*, Memory*>("nvmlDeviceGetMemoryInfo", device, &memory);
  return is_known ? memory.free : 0;
}

NvidiaGpu describe(const Library& cuda, const Library& management, int device) {
  NvidiaGpu gpu;
  Text text{};
  constexpr int kSize = static_cast<int>(text.size()) - 1;
  if (cuda.call<char*, int, int>("cuDeviceGetName", text.data(), kSize, device)) {
    gpu.name = text.data();
  }
  size_t bytes = 0;
  if (cuda.call<size_t*, int>("cuDeviceTotalMem_v2", &bytes, device)) gpu.memory_bytes = bytes;
  int major = 0;
  int minor = 0;
  if (cuda.call<int*, int, int>("cuDeviceGetAttribute", &major, kComputeCapabilityMajor, device) &&
      cuda.call<int*, int, int>("cuDeviceGetAttribute", &minor, kComputeCapabilityMinor, device)) {
    gpu.compute_capability = std::to_string(major) + "." + std::to_string(minor);
  }
  text = {};
  if (cuda.call<char*, int, int>("cuDeviceGetPCIBusId", text.data(), kSize, device)) {
    gpu.free_bytes = free_bytes(management, text);
  }
  return gpu;
}

}  // namespace

NvidiaDriver nvidia_driver(const NvidiaLibraries& libraries) {
  NvidiaDriver driver;
  const Library cuda(libraries.cuda);
  int count = 0;
  if (!cuda.call<unsigned>("cuInit", 0U) || !cuda.call<int*>("cuDeviceGetCount", &count)) {
    return driver;
  }
  const Library management(libraries.management);
  Text version{};
  if (management.call("nvmlInit_v2") &&
      management.call<char*, unsigned>("nvmlSystemGetDriverVersion", version.data(),
                                       static_cast<unsigned>(version.size() - 1))) {
    driver.version = version.data();
  }
  for (int i = 0; i < count; ++i) {
    int device = 0;
    const bool is_there = cuda.call<int*, int>("cuDeviceGet", &device, i);
    driver.gpus.push_back(is_there ? describe(cuda, management, device) : NvidiaGpu{});
  }
  return driver;
}

}  // namespace xpuruntime::toolkit
