// SPDX-License-Identifier: Apache-2.0
/// NumPy arrays of strings, which are copied in and out: they are objects of Python's.
#pragma once

#include <nanobind/nanobind.h>

#include "array.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::python {

/// From an array of dtype object, StringDType, str or bytes. str becomes UTF-8, bytes stay as they
/// are. Throws InvalidArgumentError for an element that is neither.
Tensor tensor_of_strings(nb::handle array, const Place& what);
/// An array of dtype object, of str. Bytes that are no UTF-8 become surrogates, as in file names.
nb::object array_of_strings(const Tensor& tensor);

}  // namespace xpuruntime::python
