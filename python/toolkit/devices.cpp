// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/devices.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"

namespace xpuruntime::python {
namespace {

using toolkit::DeviceFacts;
using toolkit::DeviceTest;
using toolkit::DeviceTestResult;

void bind_device_test(nb::module_& m) {
  nb::enum_<DeviceTestResult>(m, "DeviceTestResult",
                              "What came of a small model that an engine ran on a device.")
      .value("PASSED", DeviceTestResult::kPassed)
      .value("FAILED", DeviceTestResult::kFailed)
      .value("NOT_TESTED", DeviceTestResult::kNotTested);
  nb::class_<DeviceTest>(m, "DeviceTest")
      .def_ro("engine", &DeviceTest::engine)
      .def_ro("result", &DeviceTest::result)
      .def_ro("reason", &DeviceTest::reason, "Why it failed, or was not tested.")
      .def("__repr__", [](const DeviceTest& self) {
        constexpr const char* kWords[] = {"passed", "failed", "not tested"};
        return "<xpuruntime.toolkit.DeviceTest " + self.engine + ": " +
               kWords[static_cast<size_t>(self.result)] +
               (self.reason.empty() ? ">" : ": " + self.reason + ">");
      });
}

void bind_device_facts(nb::module_& m) {
  nb::class_<DeviceFacts>(m, "DeviceFacts",
                          "A device that an engine or NVIDIA's driver sees. What is not known is "
                          "empty or 0.")
      .def_ro("device", &DeviceFacts::device)
      .def_ro("name", &DeviceFacts::name, "Of the product.")
      .def_ro("driver", &DeviceFacts::driver, "Its version.")
      .def_ro("memory_bytes", &DeviceFacts::memory_bytes,
              "That this process may have, the cgroup's limit counted in.")
      .def_ro("free_bytes", &DeviceFacts::free_bytes, "Of these, when it was asked.")
      .def_ro("compute_capability", &DeviceFacts::compute_capability, "Of an NVIDIA GPU: \"9.0\".")
      .def_ro("cores", &DeviceFacts::cores, "Of the CPU, by this process's affinity.")
      .def_ro("cpu_quota", &DeviceFacts::cpu_quota, "Cores, by the cgroup; None: no limit.")
      .def_ro("features", &DeviceFacts::features,
              "Of the CPU, of those that engines choose kernels by.")
      .def_ro("tests", &DeviceFacts::tests, "One an engine that says that it can use the device.")
      .def_prop_ro("is_fit", &DeviceFacts::is_fit,
                   "An engine passed its test on it, and none failed.")
      .def("__repr__", [](const DeviceFacts& self) {
        return "<xpuruntime.toolkit.DeviceFacts " + to_string(self.device) + " " + self.name +
               (self.is_fit() ? ">" : ", not fit>");
      });
}

}  // namespace

void bind_devices(nb::module_& m) {
  bind_device_test(m);
  bind_device_facts(m);
  m.def("devices", &toolkit::find_devices, nb::call_guard<nb::gil_scoped_release>(),
        "The devices of this machine: the CPU, then GPUs and others by type and index.\n\n"
        "Loads all engines, and runs a product of matrices with each of them on each of its\n"
        "devices, where it loads ONNX models: that takes seconds, and memory of the device.");
  m.def(
      "best_gpu",
      [](const std::vector<DeviceFacts>& devices) -> std::optional<DeviceFacts> {
        const DeviceFacts* best = toolkit::best_gpu(devices);
        if (best == nullptr) return std::nullopt;
        return *best;
      },
      nb::arg("devices"),
      "The GPU to take among several: of those that are fit, the one with the most free memory in\n"
      "whole GiB, then of the highest compute capability, then the first. None: none is fit.");
}

}  // namespace xpuruntime::python
