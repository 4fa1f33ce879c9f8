// SPDX-License-Identifier: Apache-2.0
#include "devices.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "runtime_package/library_file.h"

namespace xpuruntime::torch_engine {
namespace {

namespace fs = std::filesystem;
using engine::Failure;

/// NVIDIA's driver is asked by its own C functions: torch's libraries for CUDA take 3 GB.
int count_gpus() {
  std::error_code error;
  if (!fs::exists(torch_library_folder() / "libtorch_cuda.so", error)) return 0;
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return 0;
  const auto initialize = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto count = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  int gpus = 0;
  if (initialize == nullptr || count == nullptr) return 0;
  return initialize(0) == 0 && count(&gpus) == 0 ? gpus : 0;
}

std::vector<xpurt_device> find_devices() {
  std::vector<xpurt_device> found;
  const int gpus = count_gpus();
  for (int32_t i = 0; i < gpus; ++i) found.push_back({XPURT_DEVICE_CUDA, i});
  found.push_back({XPURT_DEVICE_CPU, 0});
  return found;
}

std::string to_string(xpurt_device device) {
  static constexpr const char* names[] = {"cpu", "cuda", "intel_gpu", "intel_npu"};
  if (device.type == XPURT_DEVICE_CPU && device.index == 0) return "cpu";
  const bool is_known = device.type >= 0 && device.type < static_cast<int32_t>(std::size(names));
  return std::string(is_known ? names[device.type] : "unknown") + ":" +
         std::to_string(device.index);
}

[[noreturn]] void refuse(xpurt_device device, const std::string& why) {
  std::string text = "device " + to_string(device) + " cannot be had with torch, which finds here:";
  for (const xpurt_device& each : devices()) {
    text += (&each == devices().data() ? " " : ", ") + to_string(each);
  }
  throw Failure(XPURT_UNAVAILABLE, text + why);
}

void open_cuda(xpurt_device device) {
  for (const char* library : {"libc10_cuda.so", "libtorch_cuda.so"}) {
    const fs::path file = torch_library_folder() / library;
    if (dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
      refuse(device, std::string("; ") + dlerror());
    }
  }
}

}  // namespace

fs::path torch_library_folder() {
  return engine::library_file(reinterpret_cast<const void*>(&at::get_num_threads)).parent_path();
}

fs::path own_folder() {
  return engine::library_file(reinterpret_cast<const void*>(&own_folder)).parent_path();
}

const std::vector<xpurt_device>& devices() {
  static const auto* const found = new std::vector<xpurt_device>(find_devices());
  return *found;
}

at::Device use_device(xpurt_device device) {
  const bool is_here = std::ranges::any_of(devices(), [&](const xpurt_device& each) {
    return each.type == device.type && each.index == device.index;
  });
  if (!is_here) {
    refuse(device, device.type == XPURT_DEVICE_CUDA ? "; GPUs need NVIDIA's driver" : "");
  }
  if (device.type == XPURT_DEVICE_CPU) return at::kCPU;
  open_cuda(device);
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index));
}

}  // namespace xpuruntime::torch_engine
