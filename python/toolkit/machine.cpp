// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/machine.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"

namespace xpuruntime::python {

void bind_machine(nb::module_& m) {
  using toolkit::MachineFacts;
  nb::class_<MachineFacts>(m, "MachineFacts",
                           "The facts of a machine that explain a measurement. What cannot be read "
                           "is empty or 0.")
      .def_ro("cpu_model", &MachineFacts::cpu_model)
      .def_ro("cpu_features", &MachineFacts::cpu_features,
              "Of those that engines choose kernels by.")
      .def_ro("cores_online", &MachineFacts::cores_online)
      .def_ro("cores_allowed", &MachineFacts::cores_allowed, "By the affinity of this process.")
      .def_ro("cpu_quota", &MachineFacts::cpu_quota, "Cores, by the cgroup; None: no limit.")
      .def_ro("memory_bytes", &MachineFacts::memory_bytes)
      .def_ro("memory_limit_bytes", &MachineFacts::memory_limit_bytes,
              "By the cgroup; None: no limit.")
      .def_ro("kernel", &MachineFacts::kernel)
      .def_ro("governor", &MachineFacts::governor, "Of the first core's frequency.")
      .def_ro("load_average", &MachineFacts::load_average, "Over 1, 5 and 15 minutes.");
}

}  // namespace xpuruntime::python
