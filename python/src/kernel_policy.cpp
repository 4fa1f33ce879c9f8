// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/kernel_policy.h"

#include <nanobind/operators.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <map>
#include <string>

#include "bindings.h"

namespace xpuruntime::python {

void bind_kernel_policy(nb::module_& m) {
  nb::class_<KernelPolicy>(
      m, "KernelPolicy",
      "Which kernel computes an operator, where an engine has several for one:\n"
      "``KernelPolicy({\"MatMul\": \"eigen\"})``. Operators that it does not name are left to the\n"
      "engine. Which there are is the engine's to know: it refuses others when a model is "
      "loaded.\n\n"
      "Parameters\n----------\n"
      "kernels : dict of str to str\n    Kernels by operator.\n\n"
      "Raises\n------\n"
      "InvalidArgumentError\n    A name is empty.")
      .def(nb::init<const std::map<std::string, std::string>&>(),
           nb::arg("kernels") = std::map<std::string, std::string>{})
      .def("set", &KernelPolicy::set, nb::arg("op"), nb::arg("kernel"), nb::rv_policy::none,
           "Replaces what was chosen for that operator, and returns the policy.")
      .def("get", &KernelPolicy::get, nb::arg("op"), "The kernel; None where the engine chooses.")
      .def("merge", &KernelPolicy::merge, nb::arg("other"), nb::rv_policy::none,
           "Takes over all choices of `other`, which hold where both have one; returns the policy.")
      .def_prop_ro(
          "kernels",
          [](const KernelPolicy& self) {
            return std::map<std::string, std::string>(self.kernels().begin(), self.kernels().end());
          },
          "A copy of the choices: kernels by operator.")
      .def("to_json", &KernelPolicy::to_json,
           "An object of operators and kernels, in the order of the operators.")
      .def_static("from_json", &KernelPolicy::from_json, nb::arg("json"),
                  "The policy of such an object.\n\n"
                  "Raises\n------\n"
                  "InvalidArgumentError\n    It is not one, or names an operator twice.")
      .def(nb::self == nb::self, nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__repr__", [](const KernelPolicy& self) {
        return "xpuruntime.KernelPolicy(" + self.to_json() + ")";
      });
}

}  // namespace xpuruntime::python
