// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/device.h"

#include <charconv>
#include <utility>
#include <vector>

#include "text.h"
#include "xpuruntime/engine/abi.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

constexpr std::pair<DeviceType, const char*> kNames[] = {
    {DeviceType::kCpu, "cpu"},
    {DeviceType::kCuda, "cuda"},
    {DeviceType::kIntelGpu, "intel_gpu"},
    {DeviceType::kIntelNpu, "intel_npu"},
};
static_assert(static_cast<int>(DeviceType::kCpu) == XPURT_DEVICE_CPU);
static_assert(static_cast<int>(DeviceType::kCuda) == XPURT_DEVICE_CUDA);
static_assert(static_cast<int>(DeviceType::kIntelGpu) == XPURT_DEVICE_INTEL_GPU);
static_assert(static_cast<int>(DeviceType::kIntelNpu) == XPURT_DEVICE_INTEL_NPU);

[[noreturn]] void refuse(std::string_view text, std::string_view type) {
  std::vector<std::string> names;
  for (const auto& [unused, name] : kNames) names.emplace_back(name);
  throw InvalidArgumentError("unknown device '" + std::string(text) + "': expected one of " +
                             join(names) + ", with an index as in 'cuda:0'" +
                             did_you_mean(type, names));
}

}  // namespace

Device Device::parse(std::string_view text) {
  const std::string_view type = text.substr(0, text.find(':'));
  int32_t index = 0;
  if (type.size() < text.size()) {
    const std::string_view digits = text.substr(type.size() + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size() || index < 0) {
      refuse(text, type);
    }
  }
  for (const auto& [device_type, name] : kNames) {
    if (type == name && (device_type != DeviceType::kCpu || index == 0)) {
      return {device_type, index};
    }
  }
  refuse(text, type);
}

std::string to_string(Device device) {
  for (const auto& [type, name] : kNames) {
    if (type != device.type) continue;
    return type == DeviceType::kCpu ? name : std::string(name) + ":" + std::to_string(device.index);
  }
  return "device type " + std::to_string(static_cast<int>(device.type)) + ":" +
         std::to_string(device.index);
}

}  // namespace xpuruntime
