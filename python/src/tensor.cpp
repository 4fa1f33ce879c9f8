// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/tensor.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>
#include <vector>

#include "array.h"
#include "bindings.h"
#include "device.h"
#include "dlpack.h"
#include "dtype.h"
#include "gil.h"
#include "shape.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

constexpr const char* kDoc =
    "A shared handle to dense, row-major memory.\n\n"
    "Copies and views share the memory, which is released when the last of them, and the last run\n"
    "and array over it, is gone. NumPy, torch and others take it through DLPack without a copy.\n\n"
    "Parameters\n----------\n"
    "dtype : DType, str or numpy.dtype\n"
    "shape : sequence of int\n    The memory is not initialised, and aligned to 64 bytes.\n\n"
    "Raises\n------\n"
    "InvalidArgumentError\n    A negative dimension, or a dtype that tensors do not hold yet.\n"
    "OutOfMemoryError";

/// `copy` as the array API has it: None where needed, False never, True always.
Tensor tensor_from(nb::handle value, std::optional<bool> copy) {
  const bool never = copy && !*copy;
  std::vector<CopyRecord> copies;
  Tensor tensor =
      tensor_of(value, {"Tensor"}, never ? CopyRule::kNever : CopyRule::kIfNeeded, &copies);
  return copy.value_or(false) && copies.empty() ? tensor.clone() : tensor;
}

nb::object export_dlpack(const Tensor& self, nb::handle stream, nb::handle max_version,
                         nb::handle dl_device, std::optional<bool> copy) {
  const nb::tuple device = dlpack_device_of(self.device());
  if (!stream.is_none() && self.device().type == DeviceType::kCpu) {
    throw nb::buffer_error("memory of the host has no stream: stream must be None");
  }
  if (!dl_device.is_none() && !device.equal(dl_device)) {
    throw nb::buffer_error("a tensor is exported on the device where it is");
  }
  const bool versioned = !max_version.is_none() && nb::cast<int>(nb::object(max_version[0])) >= 1;
  if (copy.value_or(false)) return dlpack_of(self.clone(), versioned, true);
  return dlpack_of(self, versioned, false);
}

nb::object export_array(const Tensor& self, nb::handle dtype, nb::handle copy) {
  return nb::module_::import_("numpy").attr("array")(
      array_of(Tensor(self)), nb::arg("dtype") = dtype, nb::arg("copy") = copy);
}

Tensor reshaped(const Tensor& self, const nb::args& shape) {
  const bool is_one_sequence = shape.size() == 1 && !nb::isinstance<nb::int_>(shape[0]);
  return self.reshape(shape_argument(is_one_sequence ? nb::handle(shape[0]) : nb::handle(shape)));
}

Tensor rows(const Tensor& self, const nb::slice& slice) {
  if (self.shape().rank() == 0) return self.slice(0, 0);  // says that there are no rows
  const auto [start, stop, step, length] = slice.compute(static_cast<size_t>(self.shape()[0]));
  if (step != 1) {
    throw InvalidArgumentError("a tensor is dense: rows are taken with step 1; numpy() has more");
  }
  const auto begin = static_cast<int64_t>(start);
  return self.slice(begin, begin + static_cast<int64_t>(length));
}

size_t row_count(const Tensor& self) {
  if (self.shape().rank() == 0) throw nb::type_error("a tensor of rank 0 has no rows");
  return static_cast<size_t>(self.shape()[0]);
}

std::string represent(const Tensor& self) {
  return "<xpuruntime.Tensor " + to_string(self) + (self.read_only() ? ", read-only>" : ">");
}

}  // namespace

void bind_tensor(nb::module_& m) {
  nb::class_<Tensor>(m, "Tensor", kDoc)
      .def(
          "__init__",
          [](Tensor* self, nb::handle dtype, nb::handle shape) {
            new (self) Tensor(dtype_argument(dtype), shape_argument(shape));
          },
          nb::arg("dtype"), nb::arg("shape"),
          nb::sig("def __init__(self, dtype: DTypeLike, shape: Sequence[int]) -> None"))
      .def_static(
          "from_numpy", &tensor_from, nb::arg("array"), nb::kw_only(), nb::arg("copy") = nb::none(),
          nb::sig("def from_numpy(array: NDArray[Any], *, copy: bool | None = None) -> "
                  "Tensor"),
          "Shares the memory of an array, read-only where that is.\n\n"
          "An array that is not contiguous, or not in the machine's byte order, is copied;\n"
          "``copy=False`` raises InvalidArgumentError then, ``copy=True`` copies always.")
      .def_static("from_dlpack", &tensor_from, nb::arg("x"), nb::kw_only(),
                  nb::arg("copy") = nb::none(),
                  nb::sig("def from_dlpack(x: SupportsDLPack, *, copy: bool | None = None) -> "
                          "Tensor"),
                  "Shares the memory of anything with ``__dlpack__``; ``copy`` as in from_numpy.")
      .def(
          "numpy", [](const Tensor& self) { return array_of(Tensor(self)); },
          nb::sig("def numpy(self) -> NDArray[Any]"), "A NumPy array over the same memory.")
      .def_prop_ro(
          "shape", [](const Tensor& self) { return tuple_of(self.shape()); },
          nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro("dtype", &Tensor::dtype)
      .def_prop_ro("device", &Tensor::device)
      .def_prop_ro(
          "data_ptr", [](const Tensor& self) { return reinterpret_cast<uintptr_t>(self.data()); },
          "Address of the first element, in the memory of the device.")
      .def_prop_ro("byte_size", &Tensor::byte_size)
      .def_prop_ro("read_only", &Tensor::read_only)
      .def("reshape", &reshaped,
           nb::sig("def reshape(self, *shape: int | Sequence[int]) -> Tensor"),
           "The same memory in another shape of as many elements; one dimension may be -1.")
      .def("clone", &Tensor::clone, nb::call_guard<GilRelease>(), "A copy in memory of its own.")
      .def("shares_memory", &Tensor::shares_memory, nb::arg("other"),
           "Do the bytes of the two overlap?")
      .def("__getitem__", &rows, nb::arg("rows"),
           "Rows of the first dimension, in the same memory: ``tensor[2:5]``.")
      .def("__len__", &row_count)
      .def("__dlpack__", &export_dlpack, nb::kw_only(), nb::arg("stream") = nb::none(),
           nb::arg("max_version") = nb::none(), nb::arg("dl_device") = nb::none(),
           nb::arg("copy") = nb::none(),
           nb::sig("def __dlpack__(self, *, stream: int | None = None, max_version: tuple[int, "
                   "int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | "
                   "None = None) -> CapsuleType"))
      .def(
          "__dlpack_device__", [](const Tensor& self) { return dlpack_device_of(self.device()); },
          nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
      .def("__array__", &export_array, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
           nb::sig("def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) "
                   "-> NDArray[Any]"))
      .def("__repr__", &represent);
}

}  // namespace xpuruntime::python
