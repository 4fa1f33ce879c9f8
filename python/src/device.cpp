// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <nanobind/operators.h>
#include <nanobind/stl/string.h>

#include <functional>
#include <string>

#include "bindings.h"

namespace xpuruntime::python {

Device device_argument(nb::handle value) {
  if (nb::isinstance<Device>(value)) return nb::cast<Device>(value);
  return Device::parse(nb::cast<std::string>(value));
}

void bind_device(nb::module_& m) {
  nb::enum_<DeviceType>(m, "DeviceType", "What kind of device.")
      .value("cpu", DeviceType::kCpu)
      .value("cuda", DeviceType::kCuda)
      .value("intel_gpu", DeviceType::kIntelGpu)
      .value("intel_npu", DeviceType::kIntelNpu);
  nb::class_<Device>(m, "Device",
                     "Where tensors live and models run: ``Device(\"cuda:1\")``.\n\n"
                     "A missing index is 0. ``str()`` gives the text back.")
      .def(
          "__init__",
          [](Device* self, nb::handle device) { new (self) Device(device_argument(device)); },
          nb::arg("device"), nb::sig("def __init__(self, device: str | Device) -> None"))
      .def_ro("type", &Device::type)
      .def_ro("index", &Device::index)
      .def(nb::self == nb::self, nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](Device self) {
             return std::hash<int64_t>()((static_cast<int64_t>(self.type) << 32) | self.index);
           })
      .def("__str__", [](Device self) { return to_string(self); })
      .def("__repr__", [](Device self) { return "Device('" + to_string(self) + "')"; });
}

}  // namespace xpuruntime::python
