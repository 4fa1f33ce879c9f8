// SPDX-License-Identifier: Apache-2.0
#include "toolkit/devices.h"

#include <algorithm>
#include <compare>
#include <cstdio>
#include <map>
#include <utility>

#include "toolkit/machine.h"

namespace xpuruntime::toolkit {
namespace {

using Key = std::pair<int32_t, int32_t>;  // type and index: the CPU comes first

Key key_of(Device device) { return {static_cast<int32_t>(device.type), device.index}; }

void describe_cpu(const Findings& findings, DeviceFacts& facts) {
  const MachineFacts& machine = findings.machine;
  facts.name = machine.cpu_model;
  facts.memory_bytes =
      std::min(machine.memory_bytes, machine.memory_limit_bytes.value_or(machine.memory_bytes));
  facts.free_bytes = findings.free_memory_bytes;
  facts.cores = machine.cores_allowed;
  facts.cpu_quota = machine.cpu_quota;
  facts.features = machine.cpu_features;
}

void describe_gpu(const NvidiaDriver& driver, DeviceFacts& facts) {
  facts.driver = driver.version;
  const auto index = static_cast<size_t>(facts.device.index);
  if (index >= driver.gpus.size()) return;
  const NvidiaGpu& gpu = driver.gpus[index];
  facts.name = gpu.name;
  facts.memory_bytes = gpu.memory_bytes;
  facts.free_bytes = gpu.free_bytes;
  facts.compute_capability = gpu.compute_capability;
}

std::pair<int, int> capability_of(const DeviceFacts& facts) {
  std::pair<int, int> capability{0, 0};
  std::sscanf(facts.compute_capability.c_str(), "%d.%d", &capability.first, &capability.second);
  return capability;
}

bool is_better(const DeviceFacts& one, const DeviceFacts& other) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  const uint64_t free = one.free_bytes / kGiB;
  const uint64_t other_free = other.free_bytes / kGiB;
  if (free != other_free) return free > other_free;
  return capability_of(one) > capability_of(other);
}

bool is_gpu(const DeviceFacts& facts) {
  return facts.device.type == DeviceType::kCuda || facts.device.type == DeviceType::kIntelGpu;
}

}  // namespace

bool DeviceFacts::is_fit() const noexcept {
  const auto came_to = [this](DeviceTestResult result) {
    return std::ranges::count(tests, result, &DeviceTest::result);
  };
  return came_to(DeviceTestResult::kPassed) > 0 && came_to(DeviceTestResult::kFailed) == 0;
}

std::vector<DeviceFacts> describe_devices(const Findings& findings) {
  std::map<Key, DeviceFacts> devices;
  const auto facts_of = [&](Device device) -> DeviceFacts& {
    DeviceFacts& facts = devices[key_of(device)];
    facts.device = device;
    return facts;
  };
  facts_of({DeviceType::kCpu, 0});
  for (size_t i = 0; i < findings.driver.gpus.size(); ++i) {
    facts_of({DeviceType::kCuda, static_cast<int32_t>(i)});
  }
  for (const EngineStatus& engine : findings.engines) {
    for (const Device device : engine.devices) {
      facts_of(device).tests.push_back(findings.test(engine, device));
    }
  }
  std::vector<DeviceFacts> found;
  for (auto& [key, facts] : devices) {
    if (facts.device.type == DeviceType::kCpu) describe_cpu(findings, facts);
    if (facts.device.type == DeviceType::kCuda) describe_gpu(findings.driver, facts);
    found.push_back(std::move(facts));
  }
  return found;
}

std::vector<DeviceFacts> find_devices() {
  return describe_devices({.engines = EngineRegistry::instance().native_engine_status(),
                           .driver = nvidia_driver(),
                           .machine = machine_facts(),
                           .free_memory_bytes = free_memory(),
                           .test = test_device});
}

DeviceFacts find_device(Device device, const EngineStatus& engine) {
  EngineStatus only = engine;
  std::erase_if(only.devices, [&](Device each) { return each != device; });
  const auto found = describe_devices({.engines = {only},
                                       .driver = nvidia_driver(),
                                       .machine = machine_facts(),
                                       .free_memory_bytes = free_memory(),
                                       .test = test_device});
  const auto facts = std::ranges::find(found, device, &DeviceFacts::device);
  if (facts != found.end()) return *facts;
  DeviceFacts unknown;
  unknown.device = device;
  return unknown;
}

const char* word_of(DeviceTestResult result) {
  constexpr const char* kWords[] = {"passed", "failed", "not tested"};
  return kWords[static_cast<size_t>(result)];
}

const DeviceFacts* best_gpu(std::span<const DeviceFacts> devices) {
  const DeviceFacts* best = nullptr;
  for (const DeviceFacts& facts : devices) {
    if (!is_gpu(facts) || !facts.is_fit()) continue;
    if (best == nullptr || is_better(facts, *best)) best = &facts;
  }
  return best;
}

}  // namespace xpuruntime::toolkit
