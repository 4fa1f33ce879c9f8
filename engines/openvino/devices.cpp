// SPDX-License-Identifier: Apache-2.0
#include "devices.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "status.h"

namespace xpuruntime::openvino {
namespace {

struct Kind {
  int32_t type;
  std::string_view theirs;
  const char* ours;
  const char* driver;  ///< what such a device needs
};

// In the order of preference.
constexpr Kind kKinds[] = {
    {XPURT_DEVICE_INTEL_GPU, "GPU", "intel_gpu", "Intel GPUs need the package intel-opencl-icd"},
    {XPURT_DEVICE_INTEL_NPU, "NPU", "intel_npu",
     "Intel NPUs need the driver intel-driver-compiler-npu"},
    {XPURT_DEVICE_CPU, "CPU", "cpu", "there is one cpu, with index 0"},
};

/// "GPU.1" is the second GPU, and "GPU" the only one. Names that end otherwise count as they come.
int32_t index_of(std::string_view name, int32_t otherwise) {
  const size_t dot = name.find('.');
  if (dot == name.npos) return otherwise;
  int32_t index = 0;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + dot + 1, end, index);
  return error == std::errc() && stopped == end ? index : otherwise;
}

std::vector<NamedDevice> find_devices() {
  std::vector<NamedDevice> found;
  const std::vector<std::string> names =
      checked(XPURT_ENGINE, "the list of devices", [] { return core().get_available_devices(); });
  for (const Kind& kind : kKinds) {
    int32_t count = 0;
    for (const std::string& name : names) {
      if (!name.starts_with(kind.theirs)) continue;
      found.push_back({{kind.type, index_of(name, count)}, name});
      ++count;
    }
  }
  return found;
}

}  // namespace

ov::Core& core() {
  static auto* const made = checked(XPURT_ENGINE, "", [] { return new ov::Core; });
  return *made;
}

const std::vector<NamedDevice>& devices() {
  static const auto* const found = new std::vector<NamedDevice>(find_devices());
  return *found;
}

const std::string& device_name(xpurt_device device) {
  const auto same = [&](const NamedDevice& each) {
    return each.device.type == device.type && each.device.index == device.index;
  };
  const auto found = std::ranges::find_if(devices(), same);
  if (found != devices().end()) return found->name;
  std::string text = "device " + to_string(device) + " cannot be had with OpenVINO " +
                     ov::get_openvino_version().buildNumber + ", which finds here:";
  for (const NamedDevice& each : devices()) {
    text += (&each == devices().data() ? " " : ", ") + to_string(each.device);
  }
  for (const Kind& kind : kKinds) {
    if (kind.type == device.type) text += std::string("; ") + kind.driver;
  }
  throw engine::Failure(XPURT_UNAVAILABLE, text);
}

xpurt_device device_named(const std::string& name) {
  for (const NamedDevice& each : devices()) {
    if (each.name == name) return each.device;
  }
  for (const Kind& kind : kKinds) {
    if (name.starts_with(kind.theirs)) return {kind.type, index_of(name, 0)};
  }
  return {XPURT_DEVICE_CPU, 0};
}

std::string to_string(xpurt_device device) {
  if (device.type == XPURT_DEVICE_CPU && device.index == 0) return "cpu";
  const std::string index = ":" + std::to_string(device.index);
  for (const Kind& kind : kKinds) {
    if (kind.type == device.type) return kind.ours + index;
  }
  return (device.type == XPURT_DEVICE_CUDA ? "cuda" : "unknown") + index;
}

}  // namespace xpuruntime::openvino
