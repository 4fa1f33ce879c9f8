// SPDX-License-Identifier: Apache-2.0
/// NumPy arrays and tensors, without a copy wherever memory allows. array.cpp is the one file that
/// sees NumPy's C API: a run converts in nanoseconds with it, where DLPack takes a microsecond.
#pragma once

#include <nanobind/nanobind.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/report.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::python {

namespace nb = nanobind;

void import_numpy();

/// May a conversion copy what does not lie densely, in the machine's byte order?
enum class CopyRule { kIfNeeded, kNever };

/// Which argument a conversion is of, for its errors: an input, an output, or "dtype".
struct Place {
  std::string_view role;
  std::string_view name = {};
};

/// "input 'x'"
std::string to_string(const Place& place);

/// A tensor over the memory of `value`: a NumPy array, a Tensor or an object with __dlpack__. It
/// keeps `value` alive, and is read-only where that is. A copy
/// is added to `copies`, where given. Throws InvalidArgumentError for anything else.
Tensor tensor_of(nb::handle value, const Place& what, CopyRule rule = CopyRule::kIfNeeded,
                 std::vector<CopyRecord>* copies = nullptr);

/// The same, of memory that will be written. Throws InvalidArgumentError when it is read-only or
/// would have to be copied.
Tensor writable_tensor_of(nb::handle value, const Place& what);

/// A NumPy array over the tensor's memory, which lives as long as the array.
/// Throws InvalidArgumentError for memory of a device.
nb::object array_of(Tensor&& tensor);

/// A NumPy array over memory with strides in elements; `owner` lives as long.
nb::object strided_array_of(const void* data, DType dtype, std::span<const int64_t> shape,
                            std::span<const int64_t> strides, nb::handle owner);

nb::object numpy_dtype(DType dtype);          ///< Throws UnsupportedOperationError: NumPy has none.
DType dtype_of_numpy(nb::handle dtype);       ///< From a numpy.dtype. Throws InvalidArgumentError.
bool is_numpy_dtype(nb::handle dtype);        ///< Is it a numpy.dtype?
nb::object as_numpy_dtype(nb::handle dtype);  ///< numpy.dtype(dtype)

}  // namespace xpuruntime::python
