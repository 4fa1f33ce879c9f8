// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/summary.h"

#include <nanobind/stl/string.h>

#include <string>

#include "bindings.h"

namespace xpuruntime::python {

void bind_summary(nb::module_& m) {
  using toolkit::Summary;
  nb::class_<Summary>(m, "Summary",
                      "What is told of a series of measurements, in their unit.\n\n"
                      "Percentiles are linear between the two closest ranks, as NumPy's.")
      .def_ro("count", &Summary::count)
      .def_ro("mean", &Summary::mean)
      .def_ro("p50", &Summary::p50)
      .def_ro("p90", &Summary::p90)
      .def_ro("p99", &Summary::p99)
      .def_ro("p999", &Summary::p999)
      .def_ro("min", &Summary::min)
      .def_ro("max", &Summary::max)
      .def_ro("coefficient_of_variation", &Summary::coefficient_of_variation,
              "Standard deviation over mean.")
      .def("__repr__", [](const Summary& self) {
        return "<xpuruntime.toolkit.Summary of " + std::to_string(self.count) + ": p50 " +
               std::to_string(self.p50) + ", p99 " + std::to_string(self.p99) + ">";
      });
}

}  // namespace xpuruntime::python
