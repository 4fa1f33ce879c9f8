// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// Is it a type of 8 bits or fewer that no C++ type stands for: float8, float4, (u)int4, (u)int2?
bool is_narrow(DType dtype) noexcept;
bool is_narrow_integer(DType dtype) noexcept;

/// The elements of a tensor of such a type, exactly. The formats are those of ONNX's "Float stored
/// in 8 bits" and "4 bit integer types". Throws InvalidArgumentError for another type.
std::vector<double> narrow_values(const Tensor& tensor);

/// Bits of an element in [0, 1], of random bits; for an integer type any of its values.
uint8_t narrow_random(DType dtype, uint64_t bits) noexcept;

}  // namespace xpuruntime::toolkit
