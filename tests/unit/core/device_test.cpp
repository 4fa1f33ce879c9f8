// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/device.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;

TEST(DeviceTest, ReadsTypeAndIndex) {
  EXPECT_EQ(Device::parse("cpu"), (Device{DeviceType::kCpu, 0}));
  EXPECT_EQ(Device::parse("cpu:0"), (Device{DeviceType::kCpu, 0}));
  EXPECT_EQ(Device::parse("cuda"), (Device{DeviceType::kCuda, 0}));
  EXPECT_EQ(Device::parse("cuda:12"), (Device{DeviceType::kCuda, 12}));
  EXPECT_EQ(Device::parse("intel_gpu:1"), (Device{DeviceType::kIntelGpu, 1}));
  EXPECT_EQ(Device::parse("intel_npu"), (Device{DeviceType::kIntelNpu, 0}));
}

TEST(DeviceTest, RefusesWhatIsNoDevice) {
  for (const char* text : {"", ":", "cuda:", "cuda:-1", "cuda:+1", "cuda:1x", "cuda:1:2", "cuda: 1",
                           "cuda:99999999999", "CPU", "gpu", "npu", "auto", "cpu:1", "tpu:0"}) {
    EXPECT_ERROR(Device::parse(text), InvalidArgumentError,
                 HasSubstr("unknown device '" + std::string(text) +
                           "': expected one of cpu, cuda, intel_gpu, intel_npu"));
  }
}

TEST(DeviceTest, NamesTheNearest) {
  EXPECT_ERROR(Device::parse("cudda:1"), InvalidArgumentError, HasSubstr("did you mean 'cuda'?"));
  EXPECT_ERROR(Device::parse("intel_cpu"), InvalidArgumentError, HasSubstr("did you mean 'intel_"));
}

TEST(DeviceTest, IsWrittenAsItIsRead) {
  EXPECT_EQ(to_string(Device{}), "cpu");
  for (const char* text : {"cpu", "cuda:0", "cuda:3", "intel_gpu:0", "intel_npu:1"}) {
    EXPECT_EQ(to_string(Device::parse(text)), text);
  }
  EXPECT_EQ(to_string(Device{static_cast<DeviceType>(9), 2}), "device type 9:2");
}

}  // namespace
}  // namespace xpuruntime
