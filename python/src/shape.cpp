// SPDX-License-Identifier: Apache-2.0
#include "shape.h"

#include <nanobind/stl/vector.h>

#include <span>
#include <vector>

namespace xpuruntime::python {

namespace nb = nanobind;

Shape shape_argument(nb::handle value) {
  return Shape(std::span<const int64_t>(nb::cast<std::vector<int64_t>>(value)));
}

nb::tuple tuple_of(const Shape& shape) {
  PyObject* made = PyTuple_New(static_cast<Py_ssize_t>(shape.rank()));
  if (made == nullptr) nb::raise_python_error();
  for (size_t i = 0; i < shape.rank(); ++i) {
    PyTuple_SET_ITEM(made, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(shape[i]));
  }
  return nb::steal<nb::tuple>(made);
}

}  // namespace xpuruntime::python
