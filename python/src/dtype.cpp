// SPDX-License-Identifier: Apache-2.0
#include "dtype.h"

#include <string>

#include "array.h"
#include "bindings.h"

namespace xpuruntime::python {
namespace {

constexpr DType kLast = DType::kInt2;

}  // namespace

DType dtype_argument(nb::handle value) {
  if (nb::isinstance<DType>(value)) return nb::cast<DType>(value);
  if (nb::isinstance<nb::str>(value)) return dtype_from_name(nb::cast<nb::str>(value).c_str());
  return dtype_of_numpy(as_numpy_dtype(value));
}

void bind_dtype(nb::module_& m) {
  nb::enum_<DType> dtype(
      m, "DType",
      "Element types, with the numbers of ONNX's TensorProto.DataType.\n\n"
      "``numpy.dtype(xrt.DType.float32)`` gives NumPy's; the two compare equal.");
  for (int32_t number = 0; number <= static_cast<int32_t>(kLast); ++number) {
    const auto value = static_cast<DType>(number);
    dtype.value(std::string(dtype_name(value)).c_str(), value);
  }
  dtype
      .def_prop_ro(
          "dtype", [](DType self) { return numpy_dtype(self); },
          nb::sig("def dtype(self) -> numpy.dtype[Any]"),
          "NumPy's dtype; UnsupportedOperationError where there is none.")
      .def_prop_ro(
          "itemsize", [](DType self) { return element_size(self); },
          "Bytes of one element; 0 for a type that tensors do not hold yet.")
      .def_static("parse", &dtype_argument, nb::arg("dtype"),
                  nb::sig("def parse(dtype: DTypeLike) -> DType"),
                  "From a DType, its name, or anything that ``numpy.dtype`` takes.");
}

}  // namespace xpuruntime::python
