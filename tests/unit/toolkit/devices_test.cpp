// SPDX-License-Identifier: Apache-2.0
#include "toolkit/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toolkit/machine.h"
#include "unit/temporary_folder.h"

namespace xpuruntime::toolkit {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kGiB = uint64_t{1} << 30;
constexpr Device kCpu{DeviceType::kCpu, 0};
constexpr Device kSmall{DeviceType::kCuda, 0};
constexpr Device kLarge{DeviceType::kCuda, 1};

NvidiaDriver two_gpus() {
  return nvidia_driver({XPURT_TEST_NVIDIA_LIBRARY, XPURT_TEST_NVIDIA_LIBRARY});
}

EngineStatus engine_on(std::string name, std::vector<Device> devices) {
  EngineStatus engine;
  engine.name = std::move(name);
  engine.available = true;
  engine.devices = std::move(devices);
  return engine;
}

/// Engines that pass on every device but those that `failing` says.
Findings findings_of(std::vector<EngineStatus> engines, std::vector<Device> failing = {}) {
  MachineFacts machine;
  machine.cpu_model = "A CPU";
  machine.cores_allowed = 8;
  machine.memory_bytes = 4 * kGiB;
  return {.engines = std::move(engines),
          .driver = two_gpus(),
          .machine = machine,
          .free_memory_bytes = kGiB,
          .test = [failing](const EngineStatus& engine, Device device) {
            const bool fails = std::ranges::find(failing, device) != failing.end();
            return fails ? DeviceTest{engine.name, DeviceTestResult::kFailed, "it is broken"}
                         : DeviceTest{engine.name, DeviceTestResult::kPassed, ""};
          }};
}

TEST(DevicesTest, AsksNvidiasLibraries) {
  const NvidiaDriver driver = two_gpus();
  EXPECT_EQ(driver.version, "570.1.2");
  ASSERT_EQ(driver.gpus.size(), 2U);
  EXPECT_EQ(driver.gpus[0].name, "NVIDIA Small");
  EXPECT_EQ(driver.gpus[0].memory_bytes, 16 * kGiB);
  EXPECT_EQ(driver.gpus[0].free_bytes, 15 * kGiB);
  EXPECT_EQ(driver.gpus[0].compute_capability, "7.5");
  EXPECT_EQ(driver.gpus[1].name, "NVIDIA Large");
  EXPECT_EQ(driver.gpus[1].free_bytes, 20 * kGiB);
  EXPECT_EQ(driver.gpus[1].compute_capability, "9.0");
}

TEST(DevicesTest, KnowsLessWithoutTheManagementLibrary) {
  const NvidiaDriver driver = nvidia_driver({XPURT_TEST_NVIDIA_LIBRARY, "libno-such.so.1"});
  EXPECT_EQ(driver.version, "");
  ASSERT_EQ(driver.gpus.size(), 2U);
  EXPECT_EQ(driver.gpus[0].memory_bytes, 16 * kGiB);
  EXPECT_EQ(driver.gpus[0].free_bytes, 0U);
}

TEST(DevicesTest, FindsNoGpuWithoutADriverOrInALibraryThatIsNone) {
  EXPECT_TRUE(nvidia_driver({"libno-such.so.1", XPURT_TEST_NVIDIA_LIBRARY}).gpus.empty());
  EXPECT_TRUE(nvidia_driver({"libc.so.6", "libc.so.6"}).gpus.empty());
}

TEST(DevicesTest, TellsOfEachDeviceWhichEnginesPassOnIt) {
  const auto devices = describe_devices(
      findings_of({engine_on("a", {kLarge, kCpu}), engine_on("b", {kCpu})}, {kLarge}));
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].device, kCpu);
  EXPECT_EQ(devices[0].name, "A CPU");
  EXPECT_EQ(devices[0].cores, 8U);
  EXPECT_EQ(devices[0].free_bytes, kGiB);
  ASSERT_EQ(devices[0].tests.size(), 2U);
  EXPECT_EQ(devices[0].tests[1].engine, "b");
  EXPECT_TRUE(devices[0].is_fit());
  EXPECT_EQ(devices[1].device, kSmall);
  EXPECT_TRUE(devices[1].tests.empty()) << "the driver alone sees it";
  EXPECT_FALSE(devices[1].is_fit());
  EXPECT_EQ(devices[2].name, "NVIDIA Large");
  EXPECT_EQ(devices[2].driver, "570.1.2");
  EXPECT_EQ(devices[2].tests[0].reason, "it is broken");
  EXPECT_FALSE(devices[2].is_fit());
}

TEST(DevicesTest, ADeviceThatTheDriverDoesNotKnowIsListed) {
  const Device npu{DeviceType::kIntelNpu, 0};
  const Device third{DeviceType::kCuda, 2};
  const auto devices = describe_devices(findings_of({engine_on("a", {npu, third})}));
  ASSERT_EQ(devices.size(), 5U);
  EXPECT_EQ(devices[3].device, third);
  EXPECT_EQ(devices[3].name, "");
  EXPECT_EQ(devices[4].device, npu);
  EXPECT_TRUE(devices[4].is_fit());
}

TEST(DevicesTest, TheBestGpuHasTheMostFreeMemory) {
  const auto devices = describe_devices(findings_of({engine_on("a", {kSmall, kLarge, kCpu})}));
  ASSERT_NE(best_gpu(devices), nullptr);
  EXPECT_EQ(best_gpu(devices)->device, kLarge);
}

TEST(DevicesTest, TheBestGpuIsFit) {
  const auto devices =
      describe_devices(findings_of({engine_on("a", {kSmall, kLarge, kCpu})}, {kLarge}));
  EXPECT_EQ(best_gpu(devices)->device, kSmall);
  EXPECT_EQ(best_gpu(describe_devices(findings_of({engine_on("a", {kCpu})}))), nullptr);
}

TEST(DevicesTest, OfGpusWithAsMuchFreeMemoryTheNewerOneIsBest) {
  const auto gpu = [](int32_t index, uint64_t free, const char* capability) {
    DeviceFacts facts;
    facts.device = {DeviceType::kCuda, index};
    facts.free_bytes = free;
    facts.compute_capability = capability;
    facts.tests = {{"a", DeviceTestResult::kPassed, ""}};
    return facts;
  };
  const std::vector<DeviceFacts> devices = {gpu(0, 9 * kGiB + 5, "8.9"), gpu(1, 9 * kGiB, "10.0"),
                                            gpu(2, 9 * kGiB, "10.0"), gpu(3, 8 * kGiB, "12.0")};
  EXPECT_EQ(best_gpu(devices)->device.index, 1);
}

TEST(DevicesTest, OneDeviceIsToldOfWithTheTestOfOneEngine) {
  EngineStatus reference = engine_on("reference", {kCpu, kLarge});
  reference.formats = {"onnx"};
  const DeviceFacts cpu = find_device(kCpu, reference);
  EXPECT_EQ(cpu.device, kCpu);
  EXPECT_GT(cpu.cores, 0U);
  EXPECT_GT(cpu.memory_bytes, 0U);
  ASSERT_EQ(cpu.tests.size(), 1U);
  EXPECT_TRUE(cpu.is_fit()) << cpu.tests[0].reason;
  const Device npu{DeviceType::kIntelNpu, 3};
  const DeviceFacts none = find_device(npu, reference);
  EXPECT_EQ(none.device, npu);
  EXPECT_TRUE(none.tests.empty()) << "the engine does not use it";
}

TEST(DevicesTest, TestsAnEngineOnADevice) {
  EngineStatus reference = engine_on("reference", {kCpu});
  const DeviceTest untested = test_device(reference, kCpu);
  EXPECT_EQ(untested.result, DeviceTestResult::kNotTested);
  EXPECT_THAT(untested.reason, HasSubstr("ONNX"));
  reference.formats = {"onnx"};
  const DeviceTest passed = test_device(reference, kCpu);
  EXPECT_EQ(passed.result, DeviceTestResult::kPassed) << passed.reason;
  const DeviceTest failed = test_device(reference, kLarge);
  EXPECT_EQ(failed.result, DeviceTestResult::kFailed);
  EXPECT_THAT(failed.reason, HasSubstr("Error: "));
  const EngineStatus wrong = [] {
    EngineStatus engine = engine_on(XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_wrong.so", {kCpu});
    engine.formats = {"onnx"};
    return engine;
  }();
  EXPECT_THAT(test_device(wrong, kCpu).reason, HasSubstr("a product of matrices is wrong"));
}

TEST(DevicesTest, FindsTheCpuOfThisMachine) {
  const auto devices = find_devices();
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices[0].device, kCpu);
  EXPECT_GE(devices[0].cores, 1U);
  EXPECT_GT(devices[0].free_bytes, 0U);
  EXPECT_LE(devices[0].free_bytes, devices[0].memory_bytes);
  EXPECT_TRUE(devices[0].is_fit());
}

TEST(DevicesTest, FreeMemoryIsWithinTheCgroupsLimit) {
  const TemporaryFolder root;
  root.write("proc/meminfo", "MemTotal: 16384 kB\nMemAvailable:  8192 kB\n");
  EXPECT_EQ(free_memory(root / ""), uint64_t{8} << 20);
  root.write("proc/self/cgroup", "0::/inner\n");
  root.write("sys/fs/cgroup/inner/memory.max", "1048576\n");
  root.write("sys/fs/cgroup/inner/memory.current", "48576\n");
  EXPECT_EQ(free_memory(root / ""), 1000000U);
}

}  // namespace
}  // namespace xpuruntime::toolkit
