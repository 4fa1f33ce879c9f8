// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/gate.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "../src/gil.h"
#include "bindings.h"
#include "named_tensors.h"

namespace xpuruntime::python {
namespace {

SessionValidator gate(const std::string& source, const toolkit::Tolerance& tolerance,
                      const std::string& model, const TensorPairs& inputs,
                      const std::string& input_path, const ShapesByName& shapes, int64_t batch,
                      uint64_t seed, int32_t threads) {
  return toolkit::gate(source, {.tolerance = tolerance,
                                .model = model,
                                .inputs = named_tensors(inputs),
                                .input_path = input_path,
                                .shapes = shapes_of(shapes),
                                .batch = batch,
                                .seed = seed,
                                .threads = threads});
}

SessionValidator gate_on_data(const TensorPairs& inputs, const TensorPairs& outputs,
                              const toolkit::Tolerance& tolerance) {
  return toolkit::gate(named_tensors(inputs), named_tensors(outputs), tolerance);
}

}  // namespace

void bind_gate(nb::module_& m) {
  m.def("gate", &gate, nb::arg("source"), nb::kw_only(), nb::arg("tolerance"), nb::arg("model"),
        nb::arg("inputs"), nb::arg("input_path"), nb::arg("shapes"), nb::arg("batch"),
        nb::arg("seed"), nb::arg("threads"), nb::call_guard<GilRelease>(),
        "``xpuruntime.gate`` on files or an engine.");
  m.def("gate_on_data", &gate_on_data, nb::kw_only(), nb::arg("inputs"), nb::arg("outputs"),
        nb::arg("tolerance"), nb::call_guard<GilRelease>(), "``xpuruntime.gate`` on arrays.");
}

}  // namespace xpuruntime::python
