// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/model_info.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "shape.h"

namespace xpuruntime::python {

void bind_model_info(nb::module_& m) {
  nb::enum_<ValueKind>(m, "ValueKind", "What an input or output is.")
      .value("none", ValueKind::kNone)
      .value("tensor", ValueKind::kTensor)
      .value("sequence", ValueKind::kSequence)
      .value("map", ValueKind::kMap);
  nb::class_<TensorInfo>(m, "TensorInfo", "One input or output of a model.")
      .def_ro("name", &TensorInfo::name)
      .def_ro("kind", &TensorInfo::kind)
      .def_ro("dtype", &TensorInfo::dtype)
      .def_ro("has_rank", &TensorInfo::has_rank, "False: the rank is not known before the run.")
      .def_prop_ro(
          "shape", [](const TensorInfo& self) { return tuple_of(self.shape); },
          nb::sig("def shape(self) -> tuple[int, ...]"), "-1 stands for a dynamic dimension.")
      .def_ro("dim_names", &TensorInfo::dim_names, "One a dimension, \"\" where it has none.")
      .def("__str__", [](const TensorInfo& self) { return to_string(self); })
      .def("__repr__", [](const TensorInfo& self) {
        return "<xpuruntime.TensorInfo '" + self.name + "': " + to_string(self) + ">";
      });
  nb::class_<ModelInfo>(m, "ModelInfo", "What a model takes, gives and says of itself.")
      .def_ro("inputs", &ModelInfo::inputs)
      .def_ro("outputs", &ModelInfo::outputs)
      .def_ro("metadata", &ModelInfo::metadata)
      .def_ro("opset", &ModelInfo::opset, "Of ONNX's default domain; 0 where not known.")
      .def_ro("producer", &ModelInfo::producer)
      .def("__repr__", [](const ModelInfo& self) {
        return "<xpuruntime.ModelInfo of " + std::to_string(self.inputs.size()) + " inputs and " +
               std::to_string(self.outputs.size()) + " outputs>";
      });
}

}  // namespace xpuruntime::python
