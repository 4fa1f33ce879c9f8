// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "xpuruntime/dtype.h"

namespace xpuruntime::python {

/// How a dtype is known outside. In NumPy it has dtype_name()'s name: there, or in ml_dtypes.
struct ElementType {
  DType dtype;
  bool is_numpys_own;   ///< else ml_dtypes has it
  uint8_t dlpack_code;  ///< DLDataTypeCode
  uint8_t dlpack_bits;
};

/// The dtypes that go in and out of Python: a dtype more is a line more.
inline constexpr ElementType kElementTypes[] = {
    {DType::kBool, true, 6, 8},       {DType::kInt8, true, 0, 8},
    {DType::kInt16, true, 0, 16},     {DType::kInt32, true, 0, 32},
    {DType::kInt64, true, 0, 64},     {DType::kUInt8, true, 1, 8},
    {DType::kUInt16, true, 1, 16},    {DType::kUInt32, true, 1, 32},
    {DType::kUInt64, true, 1, 64},    {DType::kFloat16, true, 2, 16},
    {DType::kFloat32, true, 2, 32},   {DType::kFloat64, true, 2, 64},
    {DType::kBFloat16, false, 4, 16},
};

}  // namespace xpuruntime::python
