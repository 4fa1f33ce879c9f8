// SPDX-License-Identifier: Apache-2.0
/// Elements of 4 and 2 bits: tensors pack them, the first in the lowest bits; ml_dtypes gives each
/// a byte.
#pragma once

#include <cstdint>

#include "xpuruntime/tensor.h"

namespace xpuruntime::python {

bool is_packed(DType dtype) noexcept;
/// From one byte an element, of which the lowest bits count.
Tensor pack(const uint8_t* elements, DType dtype, const Shape& shape);
/// Into one byte an element; the bits above it are 0.
void unpack(const Tensor& tensor, uint8_t* elements) noexcept;

}  // namespace xpuruntime::python
